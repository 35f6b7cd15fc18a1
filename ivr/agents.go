package ivr

import (
	"fmt"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
)

// agentsNode puts the caller through to an agent: the signed-in desks are rung one
// after the other, the one idle longest first. While all of them are talking the
// caller waits, in the order of arrival, for the profile's time. If nobody answers the
// flow goes to the profile's failover. The order is registered when a desk answers,
// beside the conversation (ZZ-16.1).
//
//	desk: {verb: agents, queue: enterprise, none: duty}
type agentsNode struct {
	queue      string
	none, then Exit
}

func readAgents(o *object) verb {
	return &agentsNode{
		queue: o.text("queue", ""),
		none:  o.exit("none", "无人接听"),
		then:  o.optionalExit("then", "通话后"),
	}
}

func (n *agentsNode) exits() []Exit     { return present(n.none, n.then) }
func (n *agentsNode) prompts() []string { return nil }

func (n *agentsNode) run(v *visit) (string, error) {
	desks := v.r.cfg.Desks
	began, waits := v.r.cfg.Clock.Now(), false
	if !v.mem.Came.IsZero() { // to the controller before this one
		began = v.mem.Came
	}
	v.mem.Came, v.mem.Sought = began, true
	w := &wanted{call: v.record().ID, queue: n.queue, since: began}
	defer func() {
		if v.takenOver() == nil { // or else it is the other controller's place in the row
			desks.leave(w)
		}
	}()
	for {
		changed := desks.watch()
		if desk, ok := desks.take(w); ok {
			answered, err := n.try(v, desk, w)
			if err != nil {
				return "", err
			}
			if answered {
				return n.talked(v)
			}
			continue
		}
		left := v.r.cfg.Profile.Agents.Wait - v.elapsed(began)
		if left <= 0 || !desks.worthWaiting(w) {
			v.r.cfg.Observe(Happening{What: "agents", Outcome: "none", Took: v.elapsed(began)})
			return n.none.To, v.say(promptAgentsAway)
		}
		if err := n.wait(v, waiting{first: !waits, w: w, changed: changed, left: left}); err != nil {
			return "", err
		}
		waits = true
	}
}

func (n *agentsNode) talked(v *visit) (string, error) { return n.then.To, v.farewell(n.then) }

// release gives a desk back, unless another controller goes on with the call.
func (v *visit) release(desk string) {
	if v.mem.Desk != desk {
		return // when the agent left the others talking
	}
	v.mem.Desk = ""
	if v.takenOver() == nil {
		v.r.cfg.Desks.release(desk)
	}
}

// try rings one desk and talks. Whatever happens the desk is given back.
func (n *agentsNode) try(v *visit, desk Desk, w *wanted) (answered bool, err error) {
	desks := v.r.cfg.Desks
	v.mem.Desk = desk.Name
	defer v.release(desk.Name)
	who := "座席 " + desk.Name
	c := called{title: who, ways: direct(desk.Endpoint), ring: v.r.cfg.Profile.Agents.Ring}
	if len(w.tried) == 0 {
		c.opening = []string{promptConnectAgent}
	}
	began := v.r.cfg.Clock.Now()
	dialed, err := v.ring(c)
	if err != nil {
		return false, err
	}
	v.r.cfg.Observe(Happening{What: "agents", Outcome: string(dialed.Outcome), Took: v.elapsed(began)})
	if dialed.Outcome != asterisk.Answered {
		desks.pass(w, desk.Name)
		return false, nil
	}
	desks.leave(w)
	desks.talking(desk.Name)
	v.note(func(c *dispatch.Call) { c.Outcome = outcomeAnswered })
	v.answeredBy("agent:"+desk.Name, "来电由"+who+"接听")
	if v.talk(dialed, who) == "" {
		return false, v.unanswered(func() { desks.pass(w, desk.Name) })
	}
	return true, nil
}

// unanswered takes back that somebody answered: they could not be connected.
func (v *visit) unanswered(next func()) error {
	v.note(func(c *dispatch.Call) { c.Outcome, c.AnsweredAt = outcomeAbandoned, time.Time{} })
	next()
	return v.gone()
}

// waiting is one spell of waiting for a desk.
type waiting struct {
	first   bool
	w       *wanted
	changed <-chan struct{}
	left    time.Duration
}

// wait lets the caller wait until something changes at the desks.
func (n *agentsNode) wait(v *visit, s waiting) error {
	if !s.first {
		return v.hold(s.changed, s.left)
	}
	ahead := v.r.cfg.Desks.enter(s.w)
	v.step("queue", fmt.Sprintf("排队等候,前面 %d 位", ahead))
	if ahead == 0 {
		return v.say(promptAgentsBusy)
	}
	return v.speak(phrase{id: promptAgentsWaiting, slots: Slots{"count": fmt.Sprint(ahead)}})
}

// answeredBy begins to register the request of a call that a person answered.
func (v *visit) answeredBy(actor, summary string) {
	v.mem.Actor, v.mem.Summary = actor, summary
	v.order = v.register(v.spoken(actor, summary))
}

// spoken is the request of a call that a person answered.
func (v *visit) spoken(actor, summary string) dispatch.Intake {
	c := v.record()
	return dispatch.Intake{
		Key: "call:" + c.ID, Channel: dispatch.ByPhone, Type: c.Class, Phone: c.From,
		CallID: c.ID, Actor: actor, Summary: summary,
	}
}
