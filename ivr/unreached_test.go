package ivr_test

import (
	"context"
	"testing"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
	"hotline/ivr"
	"hotline/ivr/ivrtest"
)

// meeting is a caller whose conversation others may be asked to.
type meeting struct{ *ivrtest.Phone }

func (m meeting) Invite(ctx context.Context, o asterisk.DialOptions) (asterisk.Dialed, error) {
	return m.Dial(ctx, o)
}
func (m meeting) Hold(context.Context) error           { return nil }
func (m meeting) Unhold(context.Context) error         { return nil }
func (m meeting) Part(context.Context, *asterisk.Call) {}

// said is what was noted of an order.
type said struct {
	number string
	by     dispatch.By
	what   dispatch.Unreached
}

// TestZZ_10_5_AUnitIsRungFirst: a caller for help is handed to the unit by its phone; only when
// nobody answers there it is noted, of the order that the call made, that the unit was not
// reached. What follows from that is the office's business (dispatch, TestLifeZZ).
func TestZZ_10_5_AUnitIsRungFirst(t *testing.T) {
	for name, tt := range map[string]struct {
		do   string
		unit string
		rung func(*ivrtest.Ring, *house)
		want []dispatch.Unreached
	}{
		"nobody answers": {ivr.DoTransfer, "water", func(_ *ivrtest.Ring, h *house) { h.call.Passes(25 * time.Second) },
			[]dispatch.Unreached{{Unit: "water", Why: "无人接听", Put: true}}},
		"busy": {ivr.DoTransfer, "water", func(r *ivrtest.Ring, _ *house) { r.IsBusy() },
			[]dispatch.Unreached{{Unit: "water", Why: "忙", Put: true}}},
		"asked about it": {ivr.DoThreeWay, "water", func(r *ivrtest.Ring, _ *house) { r.Declines() },
			[]dispatch.Unreached{{Unit: "water", Why: "拒接"}}},
		"no unit's phone": {ivr.DoTransfer, "", func(r *ivrtest.Ring, _ *house) { r.Declines() }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []said
			change := func(c *ivr.Config) {
				c.Unreached = func(_ context.Context, number string, by dispatch.By, u dispatch.Unreached) (dispatch.Order, error) {
					got = append(got, said{number, by, u})
					return dispatch.Order{}, nil
				}
			}
			play(t, scene{at: daytime, change: change}, func(h *house) {
				h.call.Hears("welcome-zz", "menu").Presses("1")
				h.call.Rings("PJSIP/8001").Answers()
				if err := h.runner.Join(meeting{h.call}, "8001", ivr.Steering{Do: tt.do, To: "037112345678", Unit: tt.unit}); err != nil {
					t.Fatal(err)
				}
				tt.rung(h.call.Rings("PJSIP/037112345678@carrier"), h)
				if tt.do == ivr.DoTransfer {
					h.call.Hears("desk: transfer-failed") // the agent hears it, and talks on
				}
				h.call.Settle()
				order := h.order()
				if len(got) != len(tt.want) {
					t.Fatalf("noted %+v, want %+v", got, tt.want)
				}
				for i, want := range tt.want {
					if got[i].what != want || got[i].number != order.Number || got[i].by.Actor != "agent:8001" || order.Type != dispatch.Help {
						t.Errorf("noted %+v of %s (%s), want %+v", got[i], order.Number, order.Type, want)
					}
				}
				h.call.HangsUp()
				h.outcome("answered")
			})
		})
	}
}
