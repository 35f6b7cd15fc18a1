package ivr

import (
	"context"

	"hotline/asterisk"
)

// watchLong gives the agent a hint, in the agent's ear alone, when a conversation has
// lasted long (KF-3.1.4): that it may be ended politely, once the problem is recorded;
// until then that it has to be recorded first. The system itself never hangs up. The func
// it returns ends the watch. Conversations with 110 or an officer have none.
func (v *visit) watchLong(leg *asterisk.Call) (stop func()) {
	after := v.r.cfg.Profile.LongCall.Hint
	if after == 0 || v.mem.Desk == "" || v.mem.Branch {
		return func() {}
	}
	began, order := v.record().AnsweredAt, v.order // answered by the controller before this one, perhaps
	ended := v.r.cfg.Clock.AfterFunc(max(after-v.elapsed(began), 0), func() {
		v.r.errands.Go(func() { v.hint(leg, order) })
	})
	return func() { ended() }
}

// hint whispers to the agent.
func (v *visit) hint(leg *asterisk.Call, order *promise) {
	ctx, done := v.r.brief(v.call)
	defer done()
	id, text := promptLongRecord, "通话已久,提示话务员先记录问题"
	if v.recordedByAgent(ctx, order) {
		id, text = promptLongHint, "通话已久且问题已记录,提示话务员可委婉结束"
	}
	if v.call.Err() != nil {
		return
	}
	if err := v.phone.Whisper(ctx, leg, v.playback(v.compose(phrase{id: id}))); err != nil {
		v.log.Warn("hint not heard", "prompt", id, "err", err)
		return
	}
	v.step("hint", text)
	v.r.cfg.Observe(Happening{What: "long-call", Outcome: id})
}

// recordedByAgent reports whether the agent has written down what the call is about.
func (v *visit) recordedByAgent(ctx context.Context, promised *promise) bool {
	order, ok := promised.kept()
	if !ok || v.r.cfg.Worked == nil {
		return false
	}
	worked, err := v.r.cfg.Worked(ctx, order.Number)
	if err != nil {
		v.log.Warn("not known whether the problem is recorded", "err", err)
	}
	return err == nil && worked
}
