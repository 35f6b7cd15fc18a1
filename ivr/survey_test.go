package ivr_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"hotline/dispatch"
	"hotline/ivr"
	"hotline/ivr/ivrtest"
)

const landline = "037167980000"

// landlineDone is an order of a landline, completed, with the call that is to ask about it.
func landlineDone(h *house) (dispatch.Order, dispatch.Callback) {
	h.t.Helper()
	ctx := context.Background()
	o, err := h.office.Open(ctx, dispatch.Intake{Channel: dispatch.ByPhone, Type: dispatch.Help, Phone: landline, Summary: "路灯不亮"})
	if err == nil {
		o, err = h.office.Complete(ctx, o.Number, dispatch.Completion{Actor: "agent:8001", Result: "已修好"})
	}
	if err != nil {
		h.t.Fatal(err)
	}
	task, err := h.office.NextVoice(ctx, "system:a")
	if err != nil {
		h.t.Fatal(err)
	}
	return o, task
}

// asked is a scene in which the call is one of ours that asks for a rating.
func asked(rated *bool) scene {
	return scene{at: daytime, serve: func(h *house) {
		o, task := landlineDone(h)
		q := ivr.SurveyCall{Task: task.ID, Order: o.Number, Digits: o.Digits, Phone: landline}
		h.call.ServedBy(func(ctx context.Context, phone ivr.Phone) {
			*rated = h.runner.Ask(ctx, phone, q, func(ctx context.Context, keys string) (int, error) {
				return h.office.Keyed(ctx, task.ID, "system:a", keys)
			})
		})
	}}
}

func ratingOf(h *house) dispatch.Order {
	h.t.Helper()
	return h.orders()[0]
}

// TestZQ_15_1_SurveyByPhone: five keys, the order's number first, and what follows.
func TestZQ_15_1_SurveyByPhone(t *testing.T) {
	var rated bool
	t.Run("satisfied", func(t *testing.T) {
		play(t, asked(&rated), func(h *house) {
			if got := h.call.HearsText("survey-order")["ticket"]; got != ratingOf(h).Digits {
				t.Errorf("about %q", got)
			}
			h.call.Hears("survey-question").Presses("2")
			h.call.Hears("survey-thanks").Ends()
			if c := h.outcome("survey"); c.From != landline || c.Order != ratingOf(h).Number || !rated {
				t.Errorf("record %+v, rated %t", c, rated)
			}
			if o := ratingOf(h); o.State != dispatch.Archived || o.Rating != 2 {
				t.Errorf("order %+v", o)
			}
		})
	})
	t.Run("dissatisfied: a person calls back (ZQ-15.5)", func(t *testing.T) {
		play(t, asked(&rated), func(h *house) {
			h.call.Hears("survey-order", "survey-question").Presses("5")
			h.call.Hears("survey-callback").Ends()
			if o := ratingOf(h); o.State != dispatch.CallBack || o.Rating != 5 || !rated {
				t.Errorf("order %+v, rated %t", o, rated)
			}
		})
	})
	t.Run("a wrong key, then a right one (ZQ-15.2)", func(t *testing.T) {
		play(t, asked(&rated), func(h *house) {
			h.call.Hears("survey-order", "survey-question").Presses("7")
			h.call.Hears("wrong-key", "survey-question").Presses("1")
			h.call.Hears("survey-thanks").Ends()
			if o := ratingOf(h); o.Rating != 1 || !rated {
				t.Errorf("order %+v, rated %t", o, rated)
			}
		})
	})
}

// TestZQ_15_2_SurveyByPhoneInVain: what presses nothing, hangs up or needs help first.
func TestZQ_15_2_SurveyByPhoneInVain(t *testing.T) {
	rated := true
	t.Run("a machine presses nothing", func(t *testing.T) {
		play(t, asked(&rated), func(h *house) {
			h.call.Hears("survey-order", "survey-question", "no-key", "survey-question", "no-key", "goodbye").Ends()
			if o := ratingOf(h); o.State != dispatch.CallBack || o.Outcome != dispatch.Pending || rated {
				t.Errorf("order %+v, rated %t", o, rated)
			}
		})
	})
	t.Run("hung up in the question", func(t *testing.T) {
		play(t, asked(&rated), func(h *house) {
			h.call.Hears("survey-order", "survey-question")
			h.call.HangsUp()
			if o := ratingOf(h); o.Outcome != dispatch.Pending || rated {
				t.Errorf("order %+v, rated %t", o, rated)
			}
		})
	})
	t.Run("ZZ-10.3 the emergency key works", func(t *testing.T) {
		play(t, asked(&rated), func(h *house) {
			h.call.Hears("survey-order", "survey-question").Presses("9")
			h.call.Hears("emergency-menu").Presses("2")
			ring := h.call.Rings("PJSIP/120@carrier")
			if ring.Options.CallerID != landline {
				t.Errorf("the ambulance sees %q", ring.Options.CallerID)
			}
			ring.Answers()
			h.call.HangsUp()
		})
	})
}

// surveys is an office with some calls to make.
type surveys struct {
	calls chan dispatch.Callback
	tried chan string
}

func (s *surveys) NextVoice(context.Context, string) (dispatch.Callback, error) {
	select {
	case c := <-s.calls:
		return c, nil
	default:
		return dispatch.Callback{}, dispatch.ErrNotFound
	}
}

func (s *surveys) Keyed(context.Context, string, string, string) (int, error) {
	return 0, errors.New("nobody presses a key")
}

func (s *surveys) FinishCallback(_ context.Context, id string, c dispatch.Called) (dispatch.Callback, error) {
	if c.Reached {
		id += " reached"
	}
	s.tried <- id
	return dispatch.Callback{}, nil
}

// TestSurveyorRings: who does not answer is one try; what never left our lines is none.
func TestSurveyorRings(t *testing.T) {
	play(t, scene{at: daytime, serve: func(h *house) { h.call.ServedBy(func(context.Context, ivr.Phone) {}) }}, func(h *house) {
		board, s := ivrtest.NewBoard(t), &surveys{calls: make(chan dispatch.Callback, 9), tried: make(chan string, 9)}
		surveyor := ivr.NewSurveyor(ivr.SurveyorConfig{Runner: h.runner, Ringer: board, Surveys: s, Lines: 1, Actor: "system:a", CallerID: "12345",
			Routes: routesOf(t, nil, ivr.Trunk{Name: "carrier"}), Clock: h.clock, Log: slog.New(slog.DiscardHandler)})
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { defer close(ended); surveyor.Run(ctx) }()
		ring := func(id string) *ivrtest.Ring {
			s.calls <- dispatch.Callback{ID: id, Order: "ZZ20261120-00001-2", Phone: landline}
			return board.Rings("PJSIP/" + landline + "@carrier")
		}
		if o := ring("vain").Options; o.Ring != 30*time.Second || o.CallerID != "12345" {
			t.Errorf("rung with %+v", o)
		}
		if got := <-s.tried; got != "vain" {
			t.Errorf("tried %s", got)
		}
		ring("busy").IsBusy()
		if got := <-s.tried; got != "busy" {
			t.Errorf("tried %s", got)
		}
		ring("down").IsDown()
		synctest.Wait()
		ring("cut off")
		stop()
		<-ended
		if len(s.tried) != 0 {
			t.Errorf("tried %s", <-s.tried)
		}
		h.call.Ends()
	})
}
