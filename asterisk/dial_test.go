package asterisk_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hotline/asterisk"
	"hotline/asterisk/sipphone"
)

func TestDialOutcomes(t *testing.T) {
	h := newHouse(t)
	rung := make(chan *sipphone.Incoming, 10)
	h.carrier.Serve(func(in *sipphone.Incoming) {
		switch in.To {
		case "110":
			rung <- in
			in.Answer()
		case "120":
			in.Busy()
		case "119":
			in.Ring()
			rung <- in
		case "13900139000":
			in.Ring()
			in.Decline()
		case "13900139001":
			in.Ring()
			in.Reject(480, "Temporarily Unavailable")
		case "13900139002":
			in.Reject(480, "Temporarily Unavailable")
		case "122":
			in.Reject(503, "Service Unavailable")
		case "404":
			in.Reject(404, "Not Found")
		}
	})
	for _, test := range []struct {
		endpoint string
		want     asterisk.DialOutcome
		status   int
	}{
		{"PJSIP/110@carrier", asterisk.Answered, 0},
		{"PJSIP/120@carrier", asterisk.Busy, 486},
		{"PJSIP/13900139000@carrier", asterisk.Declined, 603},
		{"PJSIP/13900139001@carrier", asterisk.Declined, 480},
		{"PJSIP/13900139002@carrier", asterisk.Unreachable, 480},
		{"PJSIP/122@carrier", asterisk.Unreachable, 503},
		{"PJSIP/404@carrier", asterisk.Unreachable, 404},
		{"PJSIP/110@nobody", asterisk.Unreachable, 0},
		{"PJSIP/119@carrier", asterisk.NoAnswer, 0},
	} {
		t.Run(test.endpoint+" "+string(test.want), func(t *testing.T) {
			dialed := make(chan asterisk.Dialed, 1)
			d := h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
				d, err := c.Dial(ctx, asterisk.DialOptions{
					Endpoint: test.endpoint, CallerID: c.Caller(), Ring: 25 * time.Second,
					Headers: map[string]string{"X-Hotline-Call": "a\r\nb"},
				})
				if err != nil {
					t.Error(err)
				}
				dialed <- d
				<-ctx.Done()
			}), nil)
			h.dial(t)
			if test.want == asterisk.Answered || test.want == asterisk.NoAnswer {
				in := soon(t, rung, "the INVITE")
				if in.From != "13800138000" || in.PAI != "13800138000" || in.Codec != sipphone.PCMA || in.Headers["X-Hotline-Call"] != "ab" {
					t.Errorf("INVITE from %s, P-Asserted-Identity %s, codec %s, headers %v", in.From, in.PAI, in.Codec, in.Headers)
				}
				if test.want == asterisk.NoAnswer {
					d.clock.advance(25 * time.Second)
					soon(t, in.Context().Done(), "the CANCEL")
				}
			}
			got := soon(t, dialed, "the outcome")
			if got.Outcome != test.want || got.Status != test.status || (got.Leg != nil) != (test.want == asterisk.Answered) {
				t.Errorf("dialled %+v, want %s, SIP status %d", got, test.want, test.status)
			}
		})
	}

	t.Run("a caller who hangs up takes the ringing leg along", func(t *testing.T) { aCallerWhoHangsUpTakesTheRingingLegAlong(t, h, rung) })

	t.Run("a silent trunk gives up before the ring time", func(t *testing.T) { aSilentTrunkGivesUpBeforeTheRingTime(t, h) })
}

func TestConfirm(t *testing.T) {
	h := newHouse(t)
	answered := make(chan *sipphone.Session, 1)
	h.carrier.Serve(func(in *sipphone.Incoming) {
		if s, err := in.Answer(); err == nil {
			answered <- s
		}
	})
	for _, test := range []struct {
		name string
		do   func(t *testing.T, s *sipphone.Session, d *desk)
		want asterisk.DialOutcome
	}{
		{"a person presses 1", func(t *testing.T, s *sipphone.Session, _ *desk) { press(t, s, "51") }, asterisk.Answered},
		{"a machine presses nothing", func(t *testing.T, s *sipphone.Session, d *desk) {
			d.clock.advance(15 * time.Second)
			soon(t, s.Context().Done(), "the leg's hang-up")
		}, asterisk.NotAccepted},
		{"somebody hangs up", func(t *testing.T, s *sipphone.Session, _ *desk) { s.Hangup(context.Background()) }, asterisk.NotAccepted},
	} {
		t.Run(test.name, func(t *testing.T) {
			dialed := make(chan asterisk.Dialed, 1)
			d := h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
				d, err := c.Dial(ctx, asterisk.DialOptions{
					Endpoint: "PJSIP/13900139000@carrier", CallerID: "12345", Meanwhile: []string{h.sound("ringback")},
					Confirm: &asterisk.Confirm{
						Prompt: asterisk.PlayOptions{Sounds: []string{h.sound("accept")}}, Key: '1', Timeout: 15 * time.Second,
					},
				})
				if err != nil {
					t.Error(err)
				}
				dialed <- d
				<-ctx.Done()
			}), nil)
			caller := h.dial(t)
			officer := soon(t, answered, "the officer's phone")
			hears(t, officer, "accept")
			hears(t, caller, "ringback")
			test.do(t, officer, d)
			if got := soon(t, dialed, "the outcome"); got.Outcome != test.want {
				t.Errorf("dialled %+v, want %s", got, test.want)
			}
			until(t, "every answer is read", func() bool { return d.InUse() == 0 })
		})
	}
}

func TestConnect(t *testing.T) {
	h := newHouse(t)
	answered := make(chan *sipphone.Session, 1)
	h.carrier.Serve(func(in *sipphone.Incoming) {
		if s, err := in.Answer(); err == nil {
			answered <- s
		}
	})
	for _, test := range []struct {
		name string
		end  func(caller, far *sipphone.Session, cut context.CancelFunc)
		want asterisk.LeftFirst
	}{
		{"the far side leaves, the flow goes on", func(_, far *sipphone.Session, _ context.CancelFunc) { far.Hangup(context.Background()) }, asterisk.FarLeft},
		{"the caller leaves", func(caller, _ *sipphone.Session, _ context.CancelFunc) { caller.Hangup(context.Background()) }, asterisk.CallerLeft},
		{"we end it, the flow goes on", func(_, _ *sipphone.Session, cut context.CancelFunc) { cut() }, asterisk.CutOff},
	} {
		t.Run(test.name, func(t *testing.T) {
			left := make(chan asterisk.LeftFirst, 1)
			cuts := make(chan context.CancelFunc, 1)
			sw := h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
				d, err := c.Dial(ctx, asterisk.DialOptions{Endpoint: "PJSIP/8001@carrier", Meanwhile: []string{h.sound("ringback")}})
				if err != nil || d.Leg == nil {
					t.Errorf("dialled %+v, %v", d, err)
					return
				}
				talk, cut := context.WithCancel(ctx)
				defer cut()
				cuts <- cut
				l, err := c.Connect(talk, d.Leg)
				if err != nil {
					t.Error(err)
				}
				if ctx.Err() == nil {
					if p, err := c.Play(ctx, asterisk.PlayOptions{Sounds: []string{h.sound("menu")}}); err != nil || p.End != asterisk.PlayDone {
						t.Errorf("after the conversation: %+v, %v", p, err)
					}
				}
				left <- l
			}), nil)
			caller := h.dial(t)
			far := soon(t, answered, "the desk")
			caller.Say(sipphone.Tone(440))
			far.Say(sipphone.Tone(800))
			if err := far.Ear().WaitTone(within(t, patience), 440); err != nil {
				t.Error("the desk does not hear the citizen:", err)
			}
			if err := caller.Ear().WaitTone(within(t, patience), 800); err != nil {
				t.Error("the citizen does not hear the desk:", err)
			}
			test.end(caller, far, soon(t, cuts, "the conversation"))
			if l := soon(t, left, "the end"); l != test.want {
				t.Errorf("left first: %s, want %s", l, test.want)
			}
			soon(t, far.Context().Done(), "the desk's hang-up")
			soon(t, caller.Context().Done(), "the citizen's hang-up")
			if err := sw.Wait(within(t, patience)); err != nil {
				t.Error(err)
			}
		})
	}
}

// Who left before the two were connected talked with nobody.
func TestConnectOfOneWhoLeft(t *testing.T) {
	h := newHouse(t)
	answered := make(chan *sipphone.Session, 1)
	h.carrier.Serve(func(in *sipphone.Incoming) {
		if s, err := in.Answer(); err == nil {
			answered <- s
		}
	})
	for want, leave := range map[asterisk.LeftFirst]func(caller, far *sipphone.Session) error{
		asterisk.CallerLeft: func(caller, _ *sipphone.Session) error { return caller.Hangup(t.Context()) },
		asterisk.FarLeft:    func(_, far *sipphone.Session) error { return far.Hangup(t.Context()) },
	} {
		t.Run(string(want), func(t *testing.T) {
			errs, dialled := make(chan error, 1), make(chan struct{})
			h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
				d, err := c.Dial(ctx, asterisk.DialOptions{Endpoint: "PJSIP/8001@carrier", Meanwhile: []string{h.sound("ringback")}})
				close(dialled)
				if err != nil || d.Leg == nil {
					t.Errorf("dialled %+v, %v", d, err)
					return
				}
				gone := map[asterisk.LeftFirst]<-chan struct{}{asterisk.CallerLeft: ctx.Done(), asterisk.FarLeft: d.Leg.Context().Done()}
				<-gone[want]
				left, err := c.Connect(context.Background(), d.Leg)
				if left != want {
					t.Errorf("left first: %s, want %s", left, want)
				}
				errs <- err
			}), nil)
			caller := h.dial(t)
			far := soon(t, answered, "the desk")
			soon(t, dialled, "the answer") // who hangs up before we hear of it was never answered for us
			if err := leave(caller, far); err != nil {
				t.Error(err)
			}
			if err := soon(t, errs, "the end"); !errors.Is(err, asterisk.ErrUnmet) {
				t.Errorf("error %v, want that they never met", err)
			}
			caller.Hangup(t.Context())
		})
	}
}

func aCallerWhoHangsUpTakesTheRingingLegAlong(t *testing.T, h *house, rung chan *sipphone.Incoming) {
	errs := make(chan error, 1)
	h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
		// Not the call's context: the hang-up must be seen all the same.
		d, err := c.Dial(context.Background(), asterisk.DialOptions{Endpoint: "PJSIP/119@carrier", Meanwhile: []string{h.sound("ringback")}})
		if d.Outcome != asterisk.Abandoned {
			t.Errorf("dialled %+v, want abandoned", d)
		}
		errs <- err
	}), nil)
	s := h.dial(t)
	in := soon(t, rung, "the INVITE")
	hears(t, s, "ringback")
	s.Hangup(context.Background())
	soon(t, in.Context().Done(), "the CANCEL")
	var hangup *asterisk.Hangup
	if err := soon(t, errs, "the end of Dial"); !errors.As(err, &hangup) {
		t.Errorf("error %v, want a hang-up", err)
	}
}

func aSilentTrunkGivesUpBeforeTheRingTime(t *testing.T, h *house) {
	h.carrier2.SetState(sipphone.Silent)
	defer h.carrier2.SetState(sipphone.Up)
	dialed := make(chan asterisk.Dialed, 1)
	h.work(t, answering(func(ctx context.Context, c *asterisk.Call) {
		d, _ := c.Dial(ctx, asterisk.DialOptions{Endpoint: "PJSIP/110@carrier2", Ring: 40 * time.Second})
		dialed <- d
	}), nil)
	h.dial(t)
	d := soon(t, dialed, "the outcome")
	if d.Outcome != asterisk.Unreachable || d.Rang > 20*time.Second {
		t.Errorf("dialled %+v, want unreachable long before the 40 s of ringing", d)
	}
}
