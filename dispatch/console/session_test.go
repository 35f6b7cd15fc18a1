package console_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"hotline/dispatch/console"
)

// operations lists method and path of everything openapi.json describes.
func operations(t *testing.T, c *client) map[string]bool {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			Security *[]any `json:"security"`
		} `json:"paths"`
	}
	a := c.get("/openapi.json")
	a.want(t, 200)
	a.into(t, &doc)
	ops := map[string]bool{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			ops[strings.ToUpper(method)+" /api/v1"+path] = op.Security != nil
		}
	}
	return ops
}

// TestLogInIsRequired: every operation but the log-in and the description refuses guests.
func TestLogInIsRequired(t *testing.T) {
	b := newBench(t)
	guest := b.guest()
	for op, public := range operations(t, guest) {
		method, path, _ := strings.Cut(op, " ")
		path = regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, "x")
		body := ""
		if method == "POST" {
			body = "{}"
		}
		a := guest.do(method, path, body)
		if public != (a.status != http.StatusUnauthorized || strings.HasSuffix(path, "/login")) {
			t.Errorf("%s as a guest: %d %s", op, a.status, a.body)
		}
		if a.status >= 400 && a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: an error of type %s", op, a.header.Get("Content-Type"))
		}
	}
}

func TestSessions(t *testing.T) {
	b := newBench(t)
	b.guest().post("/login", map[string]any{"account": "admin", "password": "wrong"}).want(t, 401, "账号或密码不正确")
	b.guest().post("/login", map[string]any{"account": "nobody", "password": password}).want(t, 401, "账号或密码不正确")

	browser := b.guest()
	a := browser.post("/login", map[string]any{"account": "admin", "password": password})
	a.want(t, 200, "csrf_token")
	cookie := a.header.Get("Set-Cookie")
	for _, flag := range []string{"HttpOnly", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(cookie, flag) {
			t.Errorf("cookie %q lacks %s", cookie, flag)
		}
	}
	if strings.Contains(a.body, `"token"`) {
		t.Errorf("a browser got a bearer token: %s", a.body)
	}
	browser.get("/session").want(t, 200, `"account":"admin"`)
	browser.post("/orders", map[string]any{"summary": "x"}).want(t, 403, "令牌") // the cookie alone changes nothing
	b.browser().post("/logout", map[string]any{}, "Origin", "http://elsewhere.example").want(t, 403, "其他网站")

	program := b.guest()
	var s struct{ Token string }
	program.post("/login", map[string]any{"account": "admin", "password": password, "bearer": true}).into(t, &s)
	program.header.Set("Authorization", "Bearer "+s.Token)
	program.post("/orders", map[string]any{"summary": "路灯坏了", "type": "help"}).want(t, 201)
	program.post("/logout", map[string]any{}).want(t, 204)
	program.get("/orders").want(t, 401, "重新登录")

	b.clock.Advance(12 * time.Hour)
	browser.get("/session").want(t, 401)
}

// TestWrongPasswordsWait: five wrong ones from one address, and even the right one waits.
func TestWrongPasswordsWait(t *testing.T) {
	b := newBench(t)
	guest := b.guest()
	for range 5 {
		guest.post("/login", map[string]any{"account": "admin", "password": "wrong password"}).want(t, 401)
	}
	a := guest.post("/login", map[string]any{"account": "admin", "password": password})
	a.want(t, 429, "15 分钟")
	if a.header.Get("Retry-After") != "901" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	b.clock.Advance(15*time.Minute + time.Second)
	guest.post("/login", map[string]any{"account": "admin", "password": password}).want(t, 200)
}

func TestOneTimePassword(t *testing.T) {
	accounts, err := console.NewAccounts(time.Now)
	must(t, err)
	accounts.Cheapen()
	admin := console.Account{Name: "admin", Roles: []console.Role{console.HotlineAdmin}}
	one, err := accounts.AddOneTime(admin)
	must(t, err)
	two, err := accounts.AddOneTime(admin)
	must(t, err)
	if one == two || !regexp.MustCompile(`^\w{4}-\w{4}-\w{4}-\w{4}$`).MatchString(one) {
		t.Errorf("one-time passwords %q, %q", one, two)
	}
	for name, secret := range map[string]string{"short": "seven77", "long": strings.Repeat("x", 73), "": "long enough"} {
		if err := accounts.Add(console.Account{Name: name, Roles: admin.Roles}, secret); err == nil {
			t.Errorf("account %q with a password of %d bytes was accepted", name, len(secret))
		}
	}
}
