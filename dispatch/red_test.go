package dispatch_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/dispatch"
)

// TestRedButtonZQ_21_3: pressed once, kept with who and why, let go again; nonsense
// changes nothing and says which field is wrong.
func TestRedButtonZQ_21_3(t *testing.T) {
	f := newHall(t, "zq", filepath.Join(t.TempDir(), "hotline.db"))
	press := func(r dispatch.RedButton) (dispatch.RedButton, error) {
		r.By = "agent:admin"
		return f.PressRed(t.Context(), r)
	}
	for field, r := range map[string]dispatch.RedButton{
		"route":        {Route: "moon", Reason: "x"},
		"reason":       {Route: dispatch.RedDuty, Reason: " "},
		"announcement": {Route: dispatch.RedDuty, Reason: "x", Prompt: "red-flood", Text: "洪水"},
		"text":         {Route: dispatch.RedDuty, Reason: "x", Text: strings.Repeat("水", 201)},
	} {
		if _, err := press(r); !errors.Is(err, dispatch.ErrInvalid) || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if r, err := press(dispatch.RedButton{Route: dispatch.RedUsual, Reason: "x"}); err != nil || r.Seq != 0 || r.On() {
		t.Errorf("what is not pressed was let go: %+v, %v", r, err)
	}
	flood := dispatch.RedButton{Route: dispatch.RedDesks, Prompt: "red-flood", Reason: "洪水"}
	for range 2 {
		if r, err := press(flood); err != nil || r.Seq != 1 || !r.On() || r.String() != "全线转人工,先播公告" {
			t.Errorf("pressed: %+v, %v", r, err)
		}
	}
	f.now = f.now.Add(time.Minute)
	if r, err := press(dispatch.RedButton{Route: dispatch.RedUsual, Reason: "解除"}); err != nil || r.Seq != 2 || r.On() {
		t.Errorf("let go: %+v, %v", r, err)
	}
	lines, err := f.store.Audits(t.Context(), "red")
	if err != nil || len(lines) != 2 || lines[0].Actor != "agent:admin" || !strings.Contains(lines[0].Text, "洪水") {
		t.Errorf("audit: %+v, %v", lines, err)
	}
}

// redShelf is a record of the button that may be away.
type redShelf struct {
	mu   sync.Mutex
	last dispatch.RedButton
	away bool
}

func (s *redShelf) Red(context.Context) (dispatch.RedButton, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return dispatch.RedButton{}, errors.New("no database")
	}
	return s.last, nil
}

func (s *redShelf) RedPresses(context.Context, int) ([]dispatch.RedButton, error) { return nil, nil }

func (s *redShelf) set(r dispatch.RedButton, away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last, s.away = r, away
}

// TestRedLightZQ_21_3 follows a press within two seconds, and stands while SQL is away.
func TestRedLightZQ_21_3(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &redShelf{}
		l := dispatch.NewRedLight(s, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- l.Run(ctx, time.After) }()
		synctest.Wait()
		s.set(dispatch.RedButton{Seq: 1, Route: dispatch.RedDuty}, false)
		<-time.After(2 * time.Second)
		if !l.Red().On() {
			t.Error("not in force after two seconds")
		}
		s.set(dispatch.RedButton{Seq: 2, Route: dispatch.RedUsual}, true)
		<-time.After(time.Minute)
		if l.Red().Seq != 1 {
			t.Errorf("while SQL is away: %+v", l.Red())
		}
		s.set(dispatch.RedButton{Seq: 2, Route: dispatch.RedUsual}, false)
		<-time.After(2 * time.Second)
		if l.Red().On() || l.Red().Seq != 2 {
			t.Errorf("let go: %+v", l.Red())
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
