package ivr

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"hotline/asterisk"
	"hotline/dispatch"
)

// What an agent may do with a conversation (ZZ-16.3, SQ-4.5.1, XZ-12.2). Whatever fails,
// the caller and the agent go on talking.
const (
	DoConsult  = "consult"   // the caller waits while the agent talks with another; then merge, back or leave
	DoThreeWay = "three_way" // another joins
	DoTransfer = "transfer"  // another is rung, and the agent leaves once they answer; else the caller is back
	DoMerge    = "merge"     // the caller joins the agent and whom they consulted
	DoBack     = "back"      // everybody else leaves, rung or talking: the caller is with the agent
	DoLeave    = "leave"     // the agent leaves the others
)

// Steering is one such wish. To is a target of the profile or a telephone number; Unit is the
// id of the unit whose phone that is, if it is one's.
type Steering struct{ Do, To, Unit string }

// Meeting is a call whose conversation others may join; *asterisk.Call is one.
type Meeting interface {
	Invite(ctx context.Context, o asterisk.DialOptions) (asterisk.Dialed, error)
	Hold(ctx context.Context) error
	Unhold(ctx context.Context) error
	Part(ctx context.Context, leg *asterisk.Call)
}

// table is an agent's conversation with a caller, and whom they asked to it.
type table struct {
	v     *visit
	phone Meeting
	agent *asterisk.Call
	desk  string

	mu         sync.Mutex
	others     []*asterisk.Call
	title      string             // of whom was asked last
	ringing    context.CancelFunc // nil while nobody is rung
	consulting bool               // the caller waits
	left       bool               // the agent is gone, and the desk given back
}

// Steer does what an agent wishes with the conversation of a call. It returns at once; who
// is rung answers later, or does not. Errors: dispatch.ErrNotFound when no agent talks in
// such a call here, dispatch.ErrInvalid for a wish nobody knows or a number that may not be
// rung, dispatch.ErrConflict when it does not fit what goes on.
func (r *Runner) Steer(call string, s Steering) error {
	r.mu.Lock()
	var t *table
	for v := range r.live {
		if v.record().ID == call {
			t = v.tableNow()
		}
	}
	r.mu.Unlock()
	if t == nil {
		return fmt.Errorf("没有话务员正在本机处理这通来电: %w", dispatch.ErrNotFound)
	}
	switch s.Do {
	case DoConsult, DoThreeWay, DoTransfer:
		return t.invite(s)
	case DoMerge, DoBack, DoLeave:
		return t.settle(s.Do)
	}
	return fmt.Errorf("do: 不认识 %q: %w", s.Do, dispatch.ErrInvalid)
}

// sit makes a table of a conversation with an agent; rise ends it and reports whether the
// desk was given back already.
func (v *visit) sit(leg *asterisk.Call) (rise func() bool) {
	phone, ok := v.phone.(Meeting)
	if !ok || leg == nil || v.mem.Desk == "" || v.mem.Branch {
		return func() bool { return false }
	}
	t := &table{v: v, phone: phone, agent: leg, desk: v.mem.Desk}
	v.mu.Lock()
	v.table = t
	v.mu.Unlock()
	stop := context.AfterFunc(leg.Context(), t.agentLeft)
	return func() bool {
		stop()
		v.mu.Lock()
		v.table = nil
		v.mu.Unlock()
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.left
	}
}

func (v *visit) tableNow() *table {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.table
}

// target is whom a wish means. What only the emergency key may dial is refused (ZZ-10.3).
func (v *visit) target(to string) (Target, error) {
	if t, ok := v.r.cfg.Profile.Transfers.Find(to); ok {
		return t, nil
	}
	emergency := slices.ContainsFunc(serviceNumbers, func(s Service) bool { return s.Number == to })
	if emergency || !dialable.MatchString(to) {
		return Target{}, fmt.Errorf("to: %q 既不是可转接的单位,也不是可以拨打的号码: %w", to, dispatch.ErrInvalid)
	}
	return Target{Name: to, Title: "外线", Number: to}, nil
}

// invite begins to ring somebody.
func (t *table) invite(s Steering) error {
	target, err := t.v.target(s.To)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch most := t.v.r.cfg.Profile.Transfers.Parties; {
	case t.ringing != nil || t.consulting || t.left:
		return fmt.Errorf("正在呼叫或询问另一方,请先合并或收回: %w", dispatch.ErrConflict)
	case s.Do != DoThreeWay && len(t.others) > 0:
		return fmt.Errorf("通话中已有第三方,请先收回: %w", dispatch.ErrConflict)
	case 2+len(t.others) >= most:
		return fmt.Errorf("最多 %d 方通话(SQ-4.5.1): %w", most, dispatch.ErrConflict)
	}
	ctx, cancel := context.WithCancel(t.v.call)
	t.ringing, t.title = cancel, target.Title
	t.v.step("steer", steerWords[s.Do]+target.Title)
	t.v.r.errands.Go(func() { t.ring(ctx, s, target) })
	return nil
}

// steerWords tell wishes in a timeline.
var steerWords = map[string]string{
	DoConsult: "话务员询问", DoThreeWay: "话务员邀请第三方 ", DoTransfer: "话务员转接 ",
	DoMerge: "合并为三方通话", DoBack: "收回来电", DoLeave: "话务员退出,其余各方继续通话",
}

// ring rings somebody and does what was wished when they answer.
func (t *table) ring(ctx context.Context, s Steering, target Target) {
	v, do := t.v, s.Do
	if do != DoThreeWay {
		t.warn("hold", t.phone.Hold(ctx))
	}
	ways := v.r.cfg.Routes.to(ForExternal, target.Number)
	d := ways.reach(func(w way) asterisk.Dialed {
		d, err := t.phone.Invite(ctx, asterisk.DialOptions{Endpoint: w.endpoint, CallerID: v.presented(), Ring: v.r.cfg.Profile.Transfers.Ring})
		if err != nil && ctx.Err() == nil {
			v.log.Warn("nobody asked to the conversation", "who", target.Title, "err", err)
		}
		return d
	})
	v.step("steer", target.Title+":"+outcomeWords[d.Outcome])
	v.r.cfg.Observe(Happening{What: "transfer", Outcome: string(d.Outcome)})
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ringing = nil
	if d.Outcome != asterisk.Answered {
		t.failed(ctx, do)
		if ctx.Err() == nil { // nobody took it back
			t.unreached(s, d.Outcome)
		}
		return
	}
	t.others = append(t.others, d.Leg)
	context.AfterFunc(d.Leg.Context(), func() { d.free(); t.otherLeft(d.Leg) })
	switch {
	case do == DoTransfer:
		t.warn("unhold", t.phone.Unhold(v.call))
		t.phone.Part(v.call, t.agent)
	case do == DoConsult && t.left:
		t.warn("unhold", t.phone.Unhold(v.call))
	case do == DoConsult:
		t.consulting = true
	}
	if t.left {
		t.handedOver()
	}
}

// failed brings the caller back to the agent, who hears that it failed (ZZ-10.2). mu is held.
func (t *table) failed(ctx context.Context, do string) {
	if do != DoThreeWay {
		t.warn("unhold", t.phone.Unhold(t.v.call))
	}
	if t.left || ctx.Err() != nil { // taken back, or over
		return
	}
	v := t.v
	t.warn("whisper", v.phone.Whisper(v.call, t.agent, v.playback(v.compose(phrase{id: promptTransferFail}))))
}

// unreached notes of a call's order that a unit's phone was rung in vain, beside the call: the
// order may be the unit's from then on (ZZ-10.5, ZZ-20.4).
func (t *table) unreached(s Steering, o asterisk.DialOutcome) {
	v := t.v
	order, ok := v.order.kept()
	if s.Unit == "" || !ok || v.r.cfg.Unreached == nil {
		return
	}
	by := dispatch.By{Actor: "agent:" + t.desk, Role: dispatch.ByAgent,
		Key: fmt.Sprintf("unreached:%s:%d", v.record().ID, v.r.cfg.Clock.Now().UnixNano())}
	note := dispatch.Unreached{Unit: s.Unit, Why: outcomeWords[o], Line: o == asterisk.Unreachable, Put: s.Do == DoTransfer}
	v.r.errands.Go(func() {
		_ = v.r.errand(by.Key, func(ctx context.Context) error { // it logs what it cannot do
			_, err := v.r.cfg.Unreached(ctx, order.Number, by, note)
			return err
		})
	})
}

// settle does a wish about those who are there.
func (t *table) settle(do string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	v := t.v
	switch {
	case do == DoBack && t.ringing == nil && len(t.others) == 0,
		do == DoMerge && !t.consulting,
		do == DoLeave && (t.ringing != nil || len(t.others) == 0):
		return fmt.Errorf("现在没有可%s的通话: %w", map[string]string{DoBack: "收回", DoMerge: "合并", DoLeave: "退出"}[do], dispatch.ErrConflict)
	}
	v.step("steer", steerWords[do])
	if do == DoBack {
		if t.ringing != nil {
			t.ringing()
		}
		for _, leg := range t.others {
			t.phone.Part(v.call, leg)
		}
		t.others = nil
	}
	t.consulting = false
	t.warn("unhold", t.phone.Unhold(v.call))
	if do == DoLeave {
		t.phone.Part(v.call, t.agent)
	}
	return nil
}

// agentLeft gives the desk back, and leaves the caller with whom the agent had asked.
func (t *table) agentLeft() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.others) == 0 && t.ringing == nil || t.v.call.Err() != nil {
		return // the conversation is over
	}
	t.left = true
	t.v.r.cfg.Desks.release(t.desk)
	if len(t.others) > 0 {
		t.consulting = false
		t.warn("unhold", t.phone.Unhold(t.v.call))
		t.handedOver()
	}
}

// handedOver notes that the caller talks with somebody else now. mu is held.
func (t *table) handedOver() {
	title := t.title
	t.v.note(func(c *dispatch.Call) { c.Outcome, c.Detail = outcomeTransferred, title })
	t.v.step("steer", "话务员已退出,来电人与"+title+"通话")
}

// otherLeft brings a caller who waits back to the agent.
func (t *table) otherLeft(leg *asterisk.Call) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.others = slices.DeleteFunc(t.others, func(o *asterisk.Call) bool { return o == leg })
	if t.consulting && len(t.others) == 0 {
		t.consulting = false
		t.warn("unhold", t.phone.Unhold(t.v.call))
	}
}

// warn logs what could not be done, unless the call is over.
func (t *table) warn(what string, err error) {
	if err != nil && t.v.call.Err() == nil && !errors.Is(err, asterisk.ErrNotTalking) {
		t.v.log.Warn("conversation not changed", "what", what, "err", err)
	}
}
