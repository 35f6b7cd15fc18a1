package ivr_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/ivr"
	"hotline/ivr/ivrtest"
)

// way is a path of a caller through a hotline: where, when, and the keys pressed at
// the first menu.
type way struct{ hotline, at, keys string }

// ways together touch every node of every hotline.
func ways() []way {
	all := []way{
		{"zz", daytime, ""}, {"zz", night, ""}, {"zz", daytime, "8"}, {"zz", night, "8261121000427#1234#"},
		{"sq", night, ""}, {"zq", daytime, ""},
	}
	for _, keys := range []string{"", "1", "2", "3", "8", "0"} {
		all = append(all, way{"xz", daytime, keys}, way{"kf", night, keys})
	}
	return all
}

// atEveryStep plays a way again and again, each time interrupting it one event later.
func atEveryStep(t *testing.T, w way, interrupt func(h *house, after string)) {
	for k, over := 1, false; !over; k++ {
		after := ""
		play(t, scene{hotline: w.hotline, at: w.at, bare: len(w.keys) < 2}, func(h *house) {
			for range k {
				what, ok := h.call.Anything()
				if !ok {
					over = true
					return
				}
				if after = what; what == fmt.Sprintf("heard %q", menuOf(w.hotline)) {
					h.call.Presses(w.keys)
				}
			}
			interrupt(h, after)
		})
		if t.Failed() {
			t.Fatalf("interrupted after: %s", after)
		}
	}
}

func menuOf(hotline string) string {
	if hotline == "zz" {
		return "menu"
	}
	return "menu-" + hotline
}

// TestZZ_10_3_EmergencyKeyWorksAtEveryMoment presses 9 1 after every single thing that
// can happen to a caller of every hotline: prompts, menus, ringing desks, duty phones,
// queues, recordings. The next thing that happens must be the police's phone.
func TestZZ_10_3_EmergencyKeyWorksAtEveryMoment(t *testing.T) {
	for _, w := range ways() {
		t.Run(w.hotline+" "+w.keys+" "+w.at, func(t *testing.T) {
			atEveryStep(t, w, func(h *house, _ string) {
				h.call.Settle() // what a key pressed before led to
				h.call.Presses("91")
				h.call.Rings("PJSIP/110@carrier").Answers()
				h.call.Passes(time.Second)
				h.call.HangsUp()
			})
		})
	}
}

// TestHangUpAtEveryMomentLeavesNothing hangs up after every single thing; play checks
// that no goroutine, desk or place in the queue stays behind.
func TestHangUpAtEveryMomentLeavesNothing(t *testing.T) {
	for _, w := range ways() {
		t.Run(w.hotline+" "+w.keys+" "+w.at, func(t *testing.T) {
			atEveryStep(t, w, func(h *house, _ string) { h.call.HangsUp() })
		})
	}
}

// hung is an office whose database has stopped answering, and which does not even
// heed its context.
type hung struct{ released chan struct{} }

func (o hung) Open(context.Context, dispatch.Intake) (dispatch.Order, error) {
	<-o.released
	return dispatch.Order{}, errors.New("too late")
}

func (o hung) LeaveVoicemail(ctx context.Context, in dispatch.Intake) (dispatch.Order, error) {
	return o.Open(ctx, in)
}

func (o hung) Query(context.Context, string, string) (dispatch.Answer, error) {
	<-o.released
	return dispatch.Answer{}, errors.New("too late")
}

func (o hung) RecordCall(context.Context, dispatch.Call) error {
	<-o.released
	return errors.New("too late")
}

// broken is a roster that fails.
type broken struct{}

func (broken) At(time.Time) dispatch.Shift { panic("no roster") }

// TestEmergencyNeedsNothing: no prompt can be played, the office hangs, the roster
// panics, no desk exists, there is no alarm: 9 2 still rings the ambulance at once,
// and the second trunk after the first.
func TestZZ_10_3_EmergencyNeedsNothing(t *testing.T) {
	var office hung
	play(t, scene{at: night, change: func(c *ivr.Config) {
		office = hung{released: make(chan struct{})}
		c.Orders, c.Inquiry, c.Book = office, office, office
		c.Roster, c.Desks, c.Alarm = broken{}, nil, nil
		c.Prompts = ivrtest.Prompts{Silent: true}
	}}, func(h *house) {
		defer func() {
			h.call.HangsUp()
			close(office.released)
		}()
		h.call.Passes(time.Second)
		began := h.clock.Now()
		h.call.Presses("92")
		h.call.Rings("PJSIP/120@carrier").IsDown()
		line := h.call.Rings("PJSIP/120@carrier2")
		if took := h.clock.Now().Sub(began); took != 0 {
			t.Errorf("took %s", took)
		}
		line.Answers()
		h.call.Passes(time.Minute)
	})
}

// A dead office holds nobody up: the desk is connected, the message kept, and what
// could not be written is written when the office is back.
func TestDeadOfficeHoldsNobodyUp(t *testing.T) {
	var o *comeback
	play(t, scene{at: night, change: func(c *ivr.Config) {
		o = &comeback{office: c.Orders.(*dispatch.Office), down: 3}
		c.Orders = o
	}}, func(h *house) {
		h.call.Hears("welcome-zz", "menu").Presses("0")
		h.call.Rings("").IsBusy()
		h.call.Rings("").IsBusy()
		h.call.Hears("voicemail-intro")
		h.call.Records()
		h.call.Speaks(10 * time.Second)
		h.call.Hears("voicemail-saved").Ends()
		if err := h.runner.Wait(context.Background()); err != nil {
			t.Error(err)
		}
		if o := h.order(); o.Channel != dispatch.ByVoicemail {
			t.Errorf("order %+v", o)
		}
	})
}

// What is kept on disk is written from there: the caller is thanked, nothing is tried
// twice and nobody who drains waits for it.
func TestKeptIsNotTriedAgain(t *testing.T) {
	o := &keeper{}
	play(t, scene{at: night, change: func(c *ivr.Config) { c.Orders = o }}, func(h *house) {
		h.call.Hears("welcome-zz", "menu").Presses("0")
		h.call.Rings("").IsBusy()
		h.call.Rings("").IsBusy()
		h.call.Hears("voicemail-intro")
		h.call.Records()
		h.call.Speaks(10 * time.Second)
		h.call.Hears("voicemail-saved").Ends()
		began := h.clock.Now()
		if err := h.runner.Wait(context.Background()); err != nil {
			t.Error(err)
		}
		if took := h.clock.Now().Sub(began); took != 0 || o.kept != 1 {
			t.Errorf("kept %d times, waited for %v", o.kept, took)
		}
	})
}

// keeper is an office whose database is away and which keeps messages on disk.
type keeper struct {
	comeback
	kept int
}

func (k *keeper) LeaveVoicemail(context.Context, dispatch.Intake) (dispatch.Order, error) {
	k.kept++
	return dispatch.Order{}, fmt.Errorf("%w: no database", dispatch.ErrKept)
}

// comeback is an office that fails a few times.
type comeback struct {
	office *dispatch.Office
	down   int
}

func (c *comeback) Open(ctx context.Context, in dispatch.Intake) (dispatch.Order, error) {
	return c.office.Open(ctx, in)
}

func (c *comeback) LeaveVoicemail(ctx context.Context, in dispatch.Intake) (dispatch.Order, error) {
	if c.down--; c.down >= 0 {
		return dispatch.Order{}, errors.New("database is down")
	}
	return c.office.LeaveVoicemail(ctx, in)
}

// ZZ-16.1: the record is there from the first moment, with the worst ending, so that a
// program that dies forgets no call; the ending replaces it.
func TestZZ_16_1_RecordIsThereFromTheStart(t *testing.T) {
	play(t, scene{at: daytime}, func(h *house) {
		h.call.Hears("welcome-zz", "menu")
		if c := h.record(); c.Outcome != "abandoned" || !c.EndedAt.IsZero() || c.From != citizen {
			t.Errorf("record %+v", c)
		}
		if live := h.runner.Live(); len(live) != 1 || live[0].From != citizen || len(live[0].Steps) == 0 {
			t.Errorf("live %+v", live)
		}
		h.call.Presses("0")
		h.call.Rings("PJSIP/8001").Answers()
		h.call.Passes(time.Second)
		h.call.HangsUp()
		h.outcome("answered")
	})
}

// A prompt that is missing is passed over; the call goes on.
func TestMissingPromptsAreSkipped(t *testing.T) {
	play(t, scene{at: daytime, change: func(c *ivr.Config) {
		c.Prompts = ivrtest.Prompts{Missing: map[string]bool{"welcome-zz": true, "connecting-agent": true, "order-number": true}}
	}}, func(h *house) {
		h.call.Hears("menu").Presses("3")
		desk := h.call.Rings("PJSIP/8001")
		desk.Answers()
		h.call.Passes(time.Second)
		desk.HangsUp()
		h.call.Hears("order-number-repeat", "goodbye").Ends()
		h.outcome("answered")
	})
}

// A flow that only goes round ends with the officer on duty, not in silence.
func TestEndlessFlowEndsWithAPerson(t *testing.T) {
	flow, problems := ivr.ParseFlow("flow.yaml", []byte("start: a\nnodes:\n  a: {verb: hours, open: b, closed: m}\n  b: {verb: hours, open: a, closed: m}\n  m: {verb: voicemail}\n"))
	if problems != nil {
		t.Fatal(problems)
	}
	play(t, scene{at: daytime, change: func(c *ivr.Config) { c.Flow = flow }}, func(h *house) {
		h.call.Hears("apology")
		h.call.Rings("PJSIP/13900000001@carrier").Answers()
		h.call.Passes(time.Second)
		h.call.HangsUp()
		h.outcome("answered")
	})
}
