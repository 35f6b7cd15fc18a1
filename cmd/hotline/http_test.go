package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestOtherPagesDoNotMoveTheClock: a page of somebody else, open in the developer's
// browser, can post to this machine.
func TestOtherPagesDoNotMoveTheClock(t *testing.T) {
	mux := http.NewServeMux()
	(&app{clock: newClock()}).devRoutes(mux)
	for site, want := range map[string]int{"cross-site": 403, "same-site": 403, "same-origin": 200, "": 200} {
		r := httptest.NewRequest("POST", "/dev/clock", strings.NewReader(`{"advance":"1s"}`))
		if site != "" {
			r.Header.Set("Sec-Fetch-Site", site)
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("from %q: %d, want %d", site, w.Code, want)
		}
	}
}

// TestTheClockStandsWhenToldTo: what is shown twice is the same instant, until it is set again.
func TestTheClockStandsWhenToldTo(t *testing.T) {
	mux := http.NewServeMux()
	(&app{clock: newClock()}).devRoutes(mux)
	post := func(body string) string {
		t.Helper()
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("POST", "/dev/clock", strings.NewReader(body)))
		return strings.TrimSpace(w.Body.String())
	}
	const at, on = "2026-11-24T10:00:00+08:00", "2026-11-24T10:00:01+08:00"
	if got := post(`{"stand":"` + at + `"}`); got != at {
		t.Errorf("it stands at %s", got)
	}
	if got := post(`{"advance":"1s"}`); got != on {
		t.Errorf("moved on, it stands at %s", got)
	}
	if got := post(`{"set":"` + at + `"}`); got == at || got == on { // some nanoseconds are over, or many
		t.Errorf("it does not run from %s", got)
	}
}
