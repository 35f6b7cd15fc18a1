package ivr

import (
	"hotline/asterisk"
	"hotline/dispatch"
)

// transferNode puts the caller through to a number of the profile: another hotline
// (ZZ-10.4) or a unit's own phone (ZZ-10.5). If that fails the caller hears the number
// to dial, where it is a public one, and the flow goes on.
//
//	labor: {verb: transfer, to: labor, failed: desk}
type transferNode struct {
	to           string
	at           place
	failed, then Exit
}

func readTransfer(o *object) verb {
	n := &transferNode{failed: o.exit("failed", "未接通"), then: o.optionalExit("then", "通话后")}
	if f, ok := o.take("to"); ok {
		n.to, n.at = f.value.text(), placeOf(f.value.node)
	} else {
		o.missing("to")
	}
	return n
}

func (n *transferNode) exits() []Exit     { return present(n.failed, n.then) }
func (n *transferNode) prompts() []string { return nil }

func (n *transferNode) run(v *visit) (string, error) {
	target, ok := v.r.cfg.Profile.Transfers.Find(n.to)
	if !ok { // start-up checks it; a flow tried out without its profile gets here
		return n.failed.To, nil
	}
	c := called{
		title: target.Title, ways: v.r.cfg.Routes.to(ForExternal, target.Number),
		ring: v.r.cfg.Profile.Transfers.Ring, opening: []string{promptTransfer},
	}
	if target.External {
		c.opening = []string{promptOutOfArea}
	}
	dialed, err := v.ring(c)
	if err != nil {
		return "", err
	}
	v.r.cfg.Observe(Happening{What: "transfer", Outcome: string(dialed.Outcome)})
	if dialed.Outcome == asterisk.Answered {
		v.note(func(c *dispatch.Call) { c.Outcome = outcomeTransferred })
		if v.talk(dialed, target.Title) != "" {
			return n.talked(v)
		}
		if err := v.unanswered(func() {}); err != nil {
			return "", err
		}
	}
	if target.External {
		return n.failed.To, v.speak(phrase{id: promptTransferDial, slots: Slots{"phone": target.Number}})
	}
	return n.failed.To, v.say(promptTransferFail)
}

func (n *transferNode) talked(v *visit) (string, error) { return n.then.To, v.farewell(n.then) }
