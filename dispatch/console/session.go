package console

import (
	"errors"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"hotline/dispatch"
)

const (
	cookieBase = "hotline_session"
	csrfHeader = "X-CSRF-Token"
)

// cookieName has the port in it, since a browser keeps cookies by host alone and several
// hotlines may run side by side on one.
func cookieName(r *http.Request) string {
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		return cookieBase + "_" + port
	}
	return cookieBase
}

// handler guards one route: who asks, and for browsers that the page asks and not
// another site through them.
func (c *Console) handler(rt route, described shapes) http.Handler {
	var guarded http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req := request{Request: r, shapes: described}
		if rt.method == http.MethodPost {
			// Whatever becomes of the request, its body must not hold the connection; receive
			// lifts this. A writer without deadlines (a test's recorder) is as good without.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(c.patience))
		}
		if !rt.public {
			who, err := c.who(r)
			req.who = who
			if err == nil {
				err = c.enter(rt, &req)
			}
			if err != nil {
				c.refused(w, req, err)
				return
			}
		}
		w = c.confine(w, req)
		if err := rt.serve(c, w, req); err != nil {
			c.refused(w, req, err)
		}
	})
	cross := http.NewCrossOriginProtection() // by Sec-Fetch-Site and Origin; covers the log-in too
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.refused(w, request{Request: r}, problem{Status: http.StatusForbidden, Detail: "拒绝来自其他网站的请求"})
	}))
	return cross.Handler(guarded)
}

// who finds the session. A bearer token proves the caller by itself; a cookie is sent
// by the browser whoever asks, so whatever changes something must come with the token
// that only our page knows.
func (c *Console) who(r *http.Request) (Session, error) {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		cookie, err := r.Cookie(cookieName(r))
		if err != nil {
			return Session{}, problem{Status: http.StatusUnauthorized, Detail: "请先登录"}
		}
		token = cookie.Value
	}
	s, ok := c.cfg.Accounts.session(token)
	if !ok {
		return Session{}, problem{Status: http.StatusUnauthorized, Detail: "登录已失效，请重新登录"}
	}
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead
	if !bearer && !safe && !s.sameCSRF(r.Header.Get(csrfHeader)) {
		return s, problem{Status: http.StatusForbidden, Detail: "缺少页面令牌，请刷新页面"}
	}
	return s, nil
}

// sessionView is what a client needs to know of its session.
type sessionView struct {
	Account string   `json:"account"`
	Roles   []Role   `json:"roles"`
	Unit    string   `json:"unit"` // whose orders alone are shown; empty: everybody's
	May     []string `json:"may"`  // the operations that the roles allow, such as "GET /api/v1/calls"
	CSRF    string   `json:"csrf_token"`
	Expires string   `json:"expires"`
	Token   string   `json:"token,omitempty"` // for bearer clients only
}

func (s Session) view() sessionView {
	may := []string{}
	for _, name := range slices.Sorted(maps.Keys(rights)) {
		if s.Account.mayUse(name).allowed {
			may = append(may, name)
		}
	}
	return sessionView{Account: s.Account.Name, Roles: s.Account.Roles, Unit: s.Account.Unit, May: may, CSRF: s.CSRF, Expires: s.Expires.UTC().Format("2006-01-02T15:04:05Z")}
}

// logIn makes a session: a cookie for browsers, or a token for programs that ask for one.
func (c *Console) logIn(w http.ResponseWriter, r request) error {
	var in struct {
		Account  string `json:"account"`
		Password string `json:"password"`
		Bearer   bool   `json:"bearer"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	address := from(r.Request)
	token, s, err := c.cfg.Accounts.logIn(r.Context(), address, in.Account, in.Password)
	switch {
	case errors.Is(err, errThrottled):
		c.cfg.Log.WarnContext(r.Context(), "console log-in throttled", "address", address)
		return problem{Status: http.StatusTooManyRequests, Detail: "密码错误次数过多，请 15 分钟后再试", Wait: failsFor}
	case errors.Is(err, errCredentials):
		c.cfg.Log.WarnContext(r.Context(), "console log-in refused", "address", address)
		c.audit(r, dispatch.Audit{Actor: "guest", Act: dispatch.ActWrong, Subject: in.Account, Text: "来自" + address})
		return problem{Status: http.StatusUnauthorized, Detail: "账号或密码不正确", audited: true}
	case err != nil:
		return err
	}
	c.cfg.Log.InfoContext(r.Context(), "console log-in", "account", s.Account.Name, "address", address)
	r.who = s
	c.audit(r, dispatch.Audit{Actor: r.actor(), Act: dispatch.ActLogIn, Subject: s.Account.Name, Text: "来自" + address})
	view := s.view()
	if in.Bearer {
		view.Token = token
	} else {
		http.SetCookie(w, &http.Cookie{Name: cookieName(r.Request), Value: token, Path: "/", Expires: s.Expires,
			MaxAge: int(sessionFor.Seconds()), HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode})
	}
	return send(w, http.StatusOK, view)
}

// logOut ends the session.
func (c *Console) logOut(w http.ResponseWriter, r request) error {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		c.cfg.Accounts.logOut(token)
	} else if cookie, err := r.Cookie(cookieName(r.Request)); err == nil {
		c.cfg.Accounts.logOut(cookie.Value)
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName(r.Request), Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// session tells the page who is logged in.
func (c *Console) session(w http.ResponseWriter, r request) error {
	return send(w, http.StatusOK, r.who.view())
}
