package console

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzReceive: whatever a body holds, it is read or refused with a status of 4xx.
func FuzzReceive(f *testing.F) {
	for _, s := range []string{`{"text":"x"}`, `{"text":1}`, `{`, ``, `null`, `{"text":"x"}{}`, `{"TEXT":"a","text":"b"}`, "\xff", `[[[[[`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		var in struct {
			Text string `json:"text"`
		}
		err := receive(httptest.NewRecorder(), request{Request: r}, &in)
		var p problem
		if err != nil && (!errors.As(err, &p) || p.Status < 400 || p.Status > 499) {
			t.Errorf("receive(%q) = %v", body, err)
		}
	})
}

// FuzzFilter: whatever an address asks, the bounds hold.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{"limit=5&offset=10", "limit=-1", "open=true", "open=x", "order=%00", "q=1", "a;b", "%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := request{Request: &http.Request{URL: &url.URL{RawQuery: query}}}
		got, err := filter(r, "q")
		if err == nil && (got.Limit < 2 || got.Limit > maxLimit+1 || got.Offset < 0 || got.Offset > maxOffset) {
			t.Errorf("filter(%q) = %+v", query, got)
		}
	})
}

// FuzzScrub: no whole mobile number survives, in whatever it stands.
func FuzzScrub(f *testing.F) {
	for _, s := range []string{"回电13812345678", "+8613812345678", "138 1234 5678 或 138-1234-5678", "查询码4821"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, hidden := range []bool{false, true} {
			out := scrub(text, hidden)
			if numbers.MatchString(out) {
				t.Errorf("scrub(%q, %v) = %q", text, hidden, out)
			}
			if utf8.ValidString(text) && !utf8.ValidString(out) {
				t.Errorf("scrub(%q) broke its characters", text)
			}
		}
	})
}
