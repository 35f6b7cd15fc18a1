package asterisk_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hotline/asterisk"
)

// Two heirs at once, as when Redis forgot whom it had told: one has the call, the other
// leaves it and the leg it talks with alone.
func TestTakenOverByOneOfTwo(t *testing.T) {
	h := newHeir(t)
	s, far := h.talking()
	h.cable.pull()
	var dead atomic.Bool
	adopted := make(chan string, 4)
	var heirs []*desk
	for _, node := range []string{"one", "two"} {
		heirs = append(heirs, h.work(t, func(context.Context, *asterisk.Call) { t.Error("a call began anew") }, func(c *asterisk.Config) {
			c.Node, c.Notebook = node, h.book
			c.Inherit = func(_ context.Context, app, _ string) bool {
				return dead.Load() && strings.HasPrefix(app, "hotline-main-")
			}
			c.Adopt = func(ctx context.Context, c *asterisk.Call, _ *asterisk.Note) {
				adopted <- node
				h.talk(ctx, c)
				c.Play(ctx, h.play("menu"))
			}
		}))
	}
	dead.Store(true)
	var wg sync.WaitGroup
	for range 3 {
		for _, d := range heirs {
			wg.Go(func() {
				if err := d.TakeOver(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	soon(t, adopted, "the call's new owner")
	s.Ear().Mark()
	if err := s.Ear().WaitTone(within(t, patience), 800); err != nil {
		t.Error("the conversation did not go on:", err)
	}
	if n := heirs[0].Stats().Adopted + heirs[1].Stats().Adopted; n != 1 {
		t.Errorf("%d controllers have the call, want 1", n)
	}
	far.Hangup(context.Background())
	hears(t, s, "menu") // whoever has the call hears of the desk's end
}

// Who has heard the tone is recorded, also when the controller dies at that moment.
func TestTakenOverAtTheBeep(t *testing.T) {
	h := newHeir(t)
	o := asterisk.RecordOptions{Name: "voicemail/3", Max: time.Minute, StopKeys: "#", Beep: true}
	h.serves(func(ctx context.Context, c *asterisk.Call) { c.Record(ctx, o) })
	s := h.dial(t)
	if err := s.Ear().WaitTone(within(t, patience), 950); err != nil {
		t.Fatal("no tone:", err)
	}
	h.cable.pull()
	say(t, s, 2500*time.Millisecond)
	got := make(chan asterisk.Recording, 1)
	h.inherits(func(ctx context.Context, c *asterisk.Call, _ *asterisk.Note) {
		r, err := c.Record(ctx, o)
		if err != nil {
			t.Error(err)
		}
		got <- r
	})
	go s.Press(within(t, patience), "#") // the call ends with the key's first packet
	if r := soon(t, got, "the recording"); r.End != asterisk.RecordKey || r.Speech < time.Second {
		t.Errorf("recorded %+v, want what was said", r)
	}
}
