package ivr_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/ivr"
	"hotline/ivr/ivrtest"
)

// startAlarm runs an alarm on a board; the returned func stops it and waits.
func startAlarm(t *testing.T, board *ivrtest.Board, rounds int, saw *[]string) (*ivr.Alarm, func()) {
	roster, err := dispatch.LoadRoster(deploy.Files, "hotlines/zz/roster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	alarm := ivr.NewAlarm(ivr.AlarmConfig{
		Ringer: board, Prompts: ivrtest.Prompts{}, Roster: roster, Routes: routesOf(t, nil, ivr.Trunk{Name: "carrier"}),
		Clock: ivrtest.At(moment(t, night)), Log: slog.New(slog.DiscardHandler), Rounds: rounds,
		Observe: func(h ivr.Happening) { *saw = append(*saw, h.Outcome) },
	})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		alarm.Run(ctx)
	}()
	return alarm, func() {
		stop()
		<-ended
	}
}

// ZZ-16.5: leaders are rung in turn, round after round, until one presses 1.
func TestZZ_16_5_AlarmRingsUntilSomebodyConfirms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var saw []string
		board := ivrtest.NewBoard(t)
		alarm, stop := startAlarm(t, board, 0, &saw)
		began := time.Now()
		alarm.Raise(ivr.Alert{CallID: "c", Phone: citizen, Why: ivr.UrgentMessage})
		for range 3 {
			leader := board.Rings("PJSIP/13900000003@carrier") // 30 s in vain
			if leader.Options.Ring != 30*time.Second {
				t.Errorf("rings %s", leader.Options.Ring)
			}
			board.Rings("PJSIP/13900000004@carrier").Declines()
		}
		board.Rings("PJSIP/13900000003@carrier").Answers()
		if took := time.Since(began); took != 3*90*time.Second {
			t.Errorf("took %s", took)
		}
		if len(saw) != 1 || saw[0] != "confirmed" {
			t.Errorf("observed %v", saw)
		}
		stop()
		board.Quiet()
	})
}

func TestAlarmGivesUpLoudlyAndStopsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var saw []string
		board := ivrtest.NewBoard(t)
		alarm, stop := startAlarm(t, board, 1, &saw)
		alarm.Raise(ivr.Alert{CallID: "a", Why: ivr.UrgentMessage})
		board.Rings("PJSIP/13900000003@carrier").IsBusy()
		board.Rings("PJSIP/13900000004@carrier").IsBusy()
		<-time.After(2 * time.Minute)
		synctest.Wait()
		if len(saw) != 1 || saw[0] != "unconfirmed" {
			t.Errorf("observed %v", saw)
		}
		alarm.Raise(ivr.Alert{CallID: "b", Why: ivr.FailedEmergency})
		board.Rings("PJSIP/13900000003@carrier")
		stop() // while it rings
	})
}

// seen is an order's timeline that an officer may put a confirmation on by text.
type seen struct{ over atomic.Bool }

func (*seen) Note(context.Context, string, string, string) error         { return nil }
func (*seen) EndAlarm(context.Context, string, string, string) error     { return nil }
func (s *seen) AlarmOver(context.Context, string) (over bool, err error) { return s.over.Load(), nil }

// ZZ-16.5: an officer who confirms by text while a leader's phone rings spares the others.
func TestZZ_16_5_AConfirmationByTextStopsTheRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		board, order := ivrtest.NewBoard(t), &seen{}
		roster, err := dispatch.LoadRoster(deploy.Files, "hotlines/zz/roster.yaml")
		if err != nil {
			t.Fatal(err)
		}
		alarm := ivr.NewAlarm(ivr.AlarmConfig{Ringer: board, Prompts: ivrtest.Prompts{}, Roster: roster, Orders: order,
			Routes: routesOf(t, nil, ivr.Trunk{Name: "carrier"}), Clock: ivrtest.At(moment(t, night)), Log: slog.New(slog.DiscardHandler)})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); alarm.Run(ctx) }()
		alarm.Raise(ivr.Alert{CallID: "c", Order: "ZZ1", Why: ivr.UrgentMessage})
		first := board.Rings("PJSIP/13900000003@carrier")
		order.over.Store(true)
		first.Declines()
		<-time.After(5 * time.Minute)
		board.Quiet()
		stop()
		<-ended
	})
}

// XZ-14: a unit's people on call are rung in their order, and not the leaders.
func TestXZ_14_AUnitsPeopleAreRung(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var saw []string
		board := ivrtest.NewBoard(t)
		alarm, stop := startAlarm(t, board, 0, &saw)
		alarm.Raise(ivr.Alert{CallID: "XZ1:1", Why: ivr.SuddenMatter, Unit: "road",
			People: []dispatch.Officer{{Name: "夜班", Phone: "13700000009"}, {Name: "副班", Phone: "13700000008"}}})
		board.Rings("PJSIP/13700000009@carrier").Declines()
		board.Rings("PJSIP/13700000008@carrier").Answers()
		synctest.Wait()
		if len(saw) != 1 || saw[0] != "confirmed" {
			t.Errorf("observed %v", saw)
		}
		stop()
		board.Quiet()
	})
}
