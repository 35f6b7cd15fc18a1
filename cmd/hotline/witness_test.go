package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hotline/dispatch/crew"
	"hotline/sms/survey/redistest"
)

// Only the incarnation that is taken for dead can say that it lives: not the one after it,
// nor another controller at its address, nor silence.
func TestOnlyTheControllerItselfSaysThatItLives(t *testing.T) {
	dead := crew.Peer{Node: "b", Token: 7}
	hangs := make(chan struct{})
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc // nil: nobody listens
		lives  bool
	}{
		{"itself", says(`{"node":"b","token":7}`), true},
		{"its next incarnation", says(`{"node":"b","token":8}`), false},
		{"another", says(`{"node":"a","token":7}`), false},
		{"a hotline that knows no such question", http.NotFound, false},
		{"something else", says(`hello`), false},
		{"one that stands still", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-hangs:
			case <-r.Context().Done():
			}
		}, false},
		{"nobody", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewServer(c.answer)
			w := newWitnesses()
			w.where["b"] = strings.TrimPrefix(s.URL, "http://")
			if c.answer == nil {
				s.Close()
			}
			got := w.lives(t.Context(), dead)
			for tries := 1; c.lives && !got && tries < 100; tries++ { // it must answer at once, and a machine may stand still
				got = w.lives(t.Context(), dead)
			}
			if got != c.lives {
				t.Errorf("lives: %v", got)
			}
			s.Close()
		})
	}
	close(hangs)
	if newWitnesses().lives(t.Context(), dead) {
		t.Error("one whose address nobody knows lives")
	}
}

// One that serves all addresses of its machine is reached where Redis sees it come from.
func TestWhereAControllerIsReached(t *testing.T) {
	r := redistest.Start(t).Client()
	for listen, want := range map[string]string{
		"10.0.0.7:8080": "10.0.0.7:8080", "office.example:8080": "office.example:8080",
		"0.0.0.0:8080": "127.0.0.1:8080", ":8080": "127.0.0.1:8080", "[::]:8080": "127.0.0.1:8080",
		"nonsense": "",
	} {
		if got := whereReached(t.Context(), r, listen); got != want {
			t.Errorf("%s is reached at %q, want %q", listen, got, want)
		}
	}
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
}
