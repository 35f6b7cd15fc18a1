package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hotline/dispatch/crew"
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
			if got := w.lives(t.Context(), dead); got != c.lives {
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

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
}
