package ivr

import (
	"context"

	"hotline/asterisk"
	"hotline/dispatch"
)

// Left is what a controller that died left of a call.
type Left struct {
	State    []byte        // what the flow remembered; empty when nothing is known
	Step     asterisk.Step // what the switch was doing
	Endpoint string        // whom the caller is talking with, or was
	// Record is the call's record where there is no State; nil when there is none either.
	Record *dispatch.Call
}

// Resume is Serve for a call that was up before this program, left by one that died. It
// goes on where that one was: a conversation and a message just go on; a caller in a menu
// hears an apology and the same menu; somebody who was being rung is rung again, and the
// emergency branch is taken up without a word. Of whom nothing is known hears an apology
// and the main menu. The emergency key counts from the first moment (ZZ-10.3).
func (r *Runner) Resume(ctx context.Context, phone Phone, left Left) {
	m, known := recall(left.State)
	if !known {
		left.Step = asterisk.StepListening
		m = memory{Node: r.cfg.Flow.home(), Record: r.newRecord(phone)}
		m.Record.Fence = fenceUnknown + r.cfg.Fence()
		if left.Record != nil {
			m.Record = *left.Record
		}
	}
	if m.Survey != "" {
		phone = outbound{phone, m.Record.From}
	}
	m.Record.Fence += fenceTaken
	v := r.admit(ctx, phone, m.Record)
	defer v.end()
	v.mem, v.skip = m, m.Tried
	v.step("resume", "系统中断后重新接管")
	if m.Actor != "" {
		v.order = v.register(v.spoken(m.Actor, m.Summary)) // the same key: it is the same order
	}
	v.conduct(func() error { return v.goOn(left) })
}

// goOn takes up the step that was interrupted and then walks on from there.
func (v *visit) goOn(left Left) error {
	if left.Step == asterisk.StepTalking {
		return v.talkOn(left.Endpoint)
	}
	if v.mem.Branch {
		return errEmergency
	}
	if left.Step == asterisk.StepRecording && v.mem.Message != "" {
		return v.messageOn()
	}
	v.mem.Message = ""
	if v.mem.Survey != "" { // the citizen is called again, as if nobody had answered
		return v.say(promptGoodbye)
	}
	if v.mem.Refused != "" {
		return v.turnAway()
	}
	if err := v.say(promptInterrupted); err != nil {
		return err
	}
	return v.walkOn(v.mem.Node)
}

// talker is a node that puts the caller through: it says what comes after the conversation.
type talker interface {
	talked(v *visit) (next string, err error)
}

// talkOn waits for the end of a conversation that went on without us.
func (v *visit) talkOn(endpoint string) error {
	d, err := v.phone.Dial(v.call, asterisk.DialOptions{Endpoint: endpoint, Ring: v.r.cfg.Profile.Agents.Ring})
	if err != nil {
		return err
	}
	if v.mem.Desk != "" {
		v.r.cfg.Desks.talking(v.mem.Desk)
		defer v.release(v.mem.Desk)
	}
	v.talk(reached{Dialed: d}, v.record().Detail)
	if err := v.gone(); err != nil {
		return err
	}
	if v.mem.Branch {
		return v.say(promptCallEnded)
	}
	if node, ok := v.r.cfg.Flow.Node(v.mem.Node); ok {
		if t, ok := node.verb.(talker); ok {
			next, err := t.talked(v)
			if err != nil || next == "" {
				return err
			}
			return v.walk(next)
		}
	}
	return v.farewell(Exit{})
}

// messageOn goes on with a message that the caller is leaving.
func (v *visit) messageOn() error {
	kept, err := v.leaveMessage(v.mem.Reason)
	if err != nil {
		return err
	}
	next := ""
	if node, ok := v.r.cfg.Flow.Node(v.mem.Node); ok {
		if n, ok := node.verb.(*voicemailNode); ok {
			if next, err = n.left(v, kept); err != nil {
				return err
			}
		}
	}
	if next == "" {
		return nil
	}
	return v.walk(next)
}

// A call that is taken over is fenced off against whoever had it, whatever their tokens; so
// is one that ended while nobody controlled it, but not against an heir that had it meanwhile:
// a paused controller writes its old note once more when it wakes up.
//
// Whoever had a call of which there is no note did nothing with it yet; but a record of its
// beginning may be on its way, of which nobody knows the token.
const (
	fenceLost    = 1
	fenceTaken   = 2
	fenceUnknown = 1 << 60 // beyond every token
)

// Lost ends the record of a call that ended while nobody controlled it, by what its note's
// state tells, and registers what was promised; one that somebody else had after the note
// was written stays as it is. amend may change the record before.
func (r *Runner) Lost(state []byte, amend func(*dispatch.Call)) {
	m, known := recall(state)
	if !known {
		return
	}
	m.Record.Fence += fenceLost
	amend(&m.Record)
	v := &visit{r: r, log: r.cfg.Log.With("call", m.Record.ID), mem: m, rec: m.Record}
	if m.Actor != "" {
		v.order = v.register(v.spoken(m.Actor, m.Summary))
	}
	v.step("resume", "系统中断期间通话已结束")
	v.conclude("ended while no controller was there")
}

// newRecord begins the record of a call.
func (r *Runner) newRecord(phone Phone) dispatch.Call {
	id := phone.ID()
	if r.cfg.NewID != nil {
		id = r.cfg.NewID(phone.ID())
	}
	return dispatch.Call{
		ID: id, Channel: phone.ID(), From: phone.Caller(), To: phone.Dialed(),
		Class: dispatch.Unset, Outcome: outcomeAbandoned, StartedAt: r.cfg.Clock.Now(),
	}
}
