package console_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
)

// TestStrangersAreAudited_ZZ_4: who is refused without a session is told by the audit, and
// cannot fill it.
func TestStrangersAreAudited_ZZ_4(t *testing.T) {
	b := newBench(t)
	guest := b.guest()
	for range 50 {
		guest.get("/orders/ZZ20260101000001/events").want(t, 401)
	}
	guest.post("/logout", map[string]any{}, "Origin", "http://elsewhere.example").want(t, 403)
	got := b.entries(dispatch.ActRefused)
	if len(got) != 1 || got[0].Actor != "guest" || got[0].Subject != "GET /api/v1/orders/{number}/events" || got[0].Text != "请先登录；来自127.0.0.1" {
		t.Fatalf("%+v", got)
	}
	b.clock.Advance(10 * time.Minute)
	guest.post("/logout", map[string]any{}, "Origin", "http://elsewhere.example").want(t, 403)
	guest.get("/orders").want(t, 401)
	if got = b.entries(dispatch.ActRefused); len(got) != 2 || got[1].Text != "拒绝来自其他网站的请求；来自127.0.0.1；此前另有 50 次未逐一记录" {
		t.Errorf("%+v", got)
	}
}

// TestManyStrangersAreOne: of more addresses than are told apart all others are one.
func TestManyStrangersAreOne(t *testing.T) {
	b := newBench(t)
	for n := range 300 {
		r := httptest.NewRequest("GET", "/api/v1/orders", nil)
		r.RemoteAddr = fmt.Sprintf("192.0.2.%d:%d", n%250, 1024+n)
		w := httptest.NewRecorder()
		b.self.ServeHTTP(w, r)
		if w.Code != 401 {
			t.Fatalf("%d", w.Code)
		}
	}
	got := b.entries(dispatch.ActRefused)
	if len(got) != 101 || !strings.Contains(got[99].Text, "192.0.2.99") {
		t.Errorf("%d entries, the last %+v", len(got), got[len(got)-1])
	}
}
