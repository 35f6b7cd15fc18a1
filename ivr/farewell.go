package ivr

import (
	"time"

	"hotline/asterisk"
)

// farewell is what a caller hears when the other side hung up first: the number of
// the order, once more on request, and goodbye. A flow that goes on elsewhere says its
// own words.
func (v *visit) farewell(then Exit) error {
	if err := v.gone(); err != nil || then.To != "" {
		return err
	}
	order, ok := v.await(v.order, time.Second, v.live.Done())
	if !ok || !v.r.cfg.Profile.Farewell.OrderNumber {
		return v.say(promptCallEnded, promptGoodbye)
	}
	for range 3 {
		number := phrase{id: promptOrderNumber, slots: Slots{"ticket": order.Digits, "pin": order.PIN}}
		if err := v.speak(number); err != nil {
			return err
		}
		g, err := v.gather(ask{prompts: []string{promptOrderRepeat}, valid: "*", max: 1, first: 2 * time.Second})
		if err != nil || g.End != asterisk.GatherDone {
			break
		}
	}
	return v.say(promptGoodbye)
}
