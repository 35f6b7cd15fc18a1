package ivr

import (
	"fmt"

	"hotline/asterisk"
	"hotline/dispatch"
)

// voicemailNode lets the caller leave a message (ZZ-20.2, ZZ-20.3). Hanging up keeps
// it, # marks it urgent, silence and the longest time end it. A message too short is
// no order but counts as a call nobody served. When nothing can be recorded the
// caller hears so and the officers on duty are rung.
//
//	message: {verb: voicemail}
type voicemailNode struct{ then Exit }

func readVoicemail(o *object) verb {
	return &voicemailNode{then: o.optionalExit("then", "留言后")}
}

func (n *voicemailNode) exits() []Exit     { return present(n.then) }
func (n *voicemailNode) prompts() []string { return nil }

func (n *voicemailNode) run(v *visit) (string, error) {
	reason := v.r.cfg.Profile.VoicemailReason(v.r.cfg.Clock.Now())
	kept, err := v.leaveMessage(reason)
	if err != nil {
		return "", err
	}
	return n.left(v, kept)
}

// left is what comes after the message.
func (n *voicemailNode) left(v *visit, kept bool) (string, error) {
	if n.then.To != "" || kept { // a message kept ended with thanks and goodbye
		return n.then.To, nil
	}
	return "", v.say(promptGoodbye)
}

// messageTries is how often a caller who said nothing may try again.
const messageTries = 2

// leaveMessage asks for a message and keeps it.
func (v *visit) leaveMessage(reason string) (kept bool, err error) {
	v.mem.Sought = true
	v.mem.Reason = reason
	for range messageTries {
		if v.mem.Message == "" { // else the caller speaks already: taken over from a controller that died
			if err := v.say(promptVoicemailIntro); err != nil {
				return false, err
			}
			v.mem.Message = v.messageName()
		}
		rec, ok := v.takeMessage()
		v.mem.Message = ""
		if err := v.takenOver(); err != nil {
			return false, err
		}
		switch {
		case !ok:
			return v.cannotRecord()
		case rec.Speech > v.r.cfg.Profile.Voicemail.Min:
			return true, v.keepMessage(rec, reason)
		}
		v.step("record", fmt.Sprintf("留言 %.1f 秒,太短,不保存", rec.Speech.Seconds()))
		v.note(func(c *dispatch.Call) { c.Outcome = outcomeMissed })
		v.r.cfg.Observe(Happening{What: "voicemail", Outcome: "too-short", Took: rec.Duration})
		if err := v.say(promptVoicemailShort); err != nil {
			return false, err
		}
	}
	return false, nil
}

// takeMessage records; ok is false when nothing could be written.
func (v *visit) takeMessage() (rec asterisk.Recording, ok bool) {
	rules := v.r.cfg.Profile.Voicemail
	v.remember()
	rec, err := v.phone.Record(v.live, asterisk.RecordOptions{
		Name: v.mem.Message, Max: rules.Max, Silence: rules.Silence, StopKeys: string(rules.UrgentKey), Beep: true,
	})
	if err != nil || rec.End == asterisk.RecordFailed {
		if v.gone() != nil {
			return rec, true // the call ended before anything was said
		}
		v.log.Error("message not recorded", "end", rec.End, "err", err)
		return rec, false
	}
	return rec, true
}

// messageName is unique, sorts by day and carries no telephone number.
func (v *visit) messageName() string {
	v.mem.Messages++
	day := v.r.cfg.Clock.Now().In(shanghai).Format("20060102")
	return fmt.Sprintf("voicemail/%s/%s-%d", day, v.record().ID, v.mem.Messages)
}

// keepMessage registers a message, wakes the leader if it is urgent, and thanks the
// caller if still there. The order is waited for only as long as a person would.
func (v *visit) keepMessage(rec asterisk.Recording, reason string) error {
	urgent := rec.End == asterisk.RecordKey && rec.Key == string(v.r.cfg.Profile.Voicemail.UrgentKey)
	v.step("record", fmt.Sprintf("留言 %.0f 秒(%s)", rec.Duration.Seconds(), endWords[rec.End]))
	v.note(func(c *dispatch.Call) { c.Outcome = outcomeVoicemail })
	v.r.cfg.Observe(Happening{What: "voicemail", Outcome: string(rec.End), Took: rec.Duration})
	v.order = v.register(v.message(rec, message{urgent: urgent, reason: reason}))
	if urgent {
		v.step("urgent", "来电人按#标为紧急,呼叫带班领导")
		v.raise(Alert{CallID: v.record().ID, Phone: v.phone.Caller(), Why: UrgentMessage}, v.order)
	}
	order, ok := v.await(v.order, budgetCaller, v.live.Done())
	if err := v.gone(); err != nil {
		return err
	}
	if urgent {
		if err := v.say(promptVoicemailUrgent); err != nil {
			return err
		}
	}
	if !ok {
		return v.say(promptVoicemailSaved)
	}
	return v.speak(phrase{id: promptVoicemailThanks, slots: Slots{"ticket": order.Digits, "pin": order.PIN}})
}

// message says what a recording is for.
type message struct {
	urgent bool
	reason string
}

// message is the request that a recording makes. A caller who is gone gets the number
// by text; one who listens hears it.
func (v *visit) message(rec asterisk.Recording, m message) dispatch.Intake {
	c := v.record()
	shift := v.r.shift()
	notify := append(phones(shift.Duty...), phones(shift.Backup...)...)
	if m.urgent {
		notify = append(notify, phones(shift.Leader...)...)
	}
	file := rec.Name + ".wav"
	return dispatch.Intake{
		Key: "voicemail:" + file, Channel: dispatch.ByVoicemail, Type: c.Class, Phone: c.From, CallID: c.ID,
		Actor: "citizen", Summary: fmt.Sprintf("电话留言 %.0f 秒", rec.Duration.Seconds()),
		Urgent: m.urgent, NotifyDuty: notify, ReceiptText: v.call.Err() != nil,
		Voicemail: &dispatch.Voicemail{
			CallID: c.ID, Phone: c.From, File: file, Duration: rec.Duration, Urgent: m.urgent,
			Reason: m.reason, At: v.r.cfg.Clock.Now(),
		},
	}
}

// cannotRecord serves a caller whose message cannot be written, because the disk is
// full or the switch is unwell: an apology and the officers on duty.
func (v *visit) cannotRecord() (kept bool, err error) {
	v.r.cfg.Observe(Happening{What: "voicemail", Outcome: "failed"})
	v.step("record", "无法录音")
	if v.mem.Failed { // they were rung for the same reason before
		return false, v.say(promptApology)
	}
	v.mem.Failed = true
	if err := v.say(promptVoicemailFailed); err != nil {
		return false, err
	}
	answered, err := v.ringDuty()
	if err != nil || answered {
		return false, err
	}
	v.note(func(c *dispatch.Call) { c.Outcome = outcomeMissed })
	return false, nil
}

// raise hands something urgent to the alarm, with its order if that is registered
// soon. The caller does not wait for that.
func (v *visit) raise(a Alert, order *promise) {
	if v.r.cfg.Alarm == nil {
		v.log.Error("urgent, and there is no alarm", "why", a.Why)
		return
	}
	v.r.errands.Go(func() {
		if o, ok := v.await(order, budgetCaller, nil); ok {
			a.Order, a.Digits = o.Number, o.Digits
		}
		v.r.cfg.Alarm.Raise(a)
	})
}

// endWords tell how a recording ended.
var endWords = map[asterisk.RecordEnd]string{
	asterisk.RecordKey: "按键结束", asterisk.RecordSilence: "静音结束", asterisk.RecordMax: "到时结束",
	asterisk.RecordHangup: "挂机结束", asterisk.RecordStopped: "转入紧急求助",
}
