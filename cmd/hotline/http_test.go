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
