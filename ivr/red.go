package ivr

import (
	"cmp"

	"hotline/asterisk"
	"hotline/dispatch"
)

// RedLight knows how the red button stands (ZQ-21.3). It answers at once, from memory.
type RedLight interface{ Red() dispatch.RedButton }

// Announcements are the prompts that may be chosen for everybody to hear first.
var Announcements = []string{promptRedNotice, "red-flood", "red-earthquake", "red-fire", "red-storm", "red-outage"}

// promptRedNotice says in general what an announcement in words says whose sound is not there.
const promptRedNotice = "red-notice"

// Nodes that every flow has: where the red button sends calls. Their names cannot be those
// of nodes in a file, which have no colon.
const (
	redDesks   = "red:desks"
	redDuty    = "red:duty"
	redMessage = "red:message"
)

// redNodes are they.
var redNodes = map[string]*Node{
	redDesks:   {Name: redDesks, Verb: "agents", Title: "红色按钮:全线转人工", verb: &agentsNode{none: Exit{To: redDuty}}},
	redDuty:    {Name: redDuty, Verb: "duty", Title: "红色按钮:全线转值班", verb: &dutyNode{none: Exit{To: redMessage}}},
	redMessage: {Name: redMessage, Verb: "voicemail", Title: "红色按钮:留言", verb: &voicemailNode{}},
}

// red is how the button stands; off when nobody knows.
func (v *visit) red() (r dispatch.RedButton) {
	defer func() {
		if p := recover(); p != nil {
			v.log.Error("red button not known", "panic", p)
			r = dispatch.RedButton{}
		}
	}()
	if v.r.cfg.Red == nil {
		return r
	}
	return v.r.cfg.Red.Red()
}

// entrance is the node a call begins at.
func (v *visit) entrance(r dispatch.RedButton, usual string) string {
	switch {
	case r.Route == dispatch.RedDesks:
		return redDesks
	case r.Route == dispatch.RedDuty:
		return redDuty
	}
	return usual
}

// comeIn begins the flow, or what the red button has in its place. The emergency key is
// armed in all of it.
func (v *visit) comeIn() error {
	r, line := v.red(), v.r.cfg.Profile.Line(v.phone.Dialed())
	usual := cmp.Or(line.Start, v.r.cfg.Flow.Start)
	start := v.entrance(r, usual)
	if r.On() {
		v.step("red", "红色按钮:"+r.String())
		v.r.cfg.Observe(Happening{What: "red", Outcome: r.Route})
		v.at(start)
		if err := v.announce(r); err != nil {
			return err
		}
	}
	if line.Welcome != "" && start == usual {
		v.at(start)
		v.step("line", "来电号码线路:"+line.Number)
		if err := v.say(line.Welcome); err != nil {
			return err
		}
	}
	return v.walk(start)
}

// announce lets the caller hear the announcement, if there is one. One in words is heard
// once its sound is there; until then a general one is.
func (v *visit) announce(r dispatch.RedButton) error {
	if r.Prompt != "" {
		return v.say(r.Prompt)
	}
	if r.Text == "" {
		return nil
	}
	speech, ok := Speech{}, false
	if v.r.cfg.Narrator != nil {
		speech, ok = v.r.cfg.Narrator.Recall(v.r.cfg.Profile.Language, r.Text)
	}
	if !ok {
		return v.say(promptRedNotice)
	}
	if err := v.gone(); err != nil {
		return err
	}
	v.step("say", r.Text)
	v.remember()
	played, err := v.phone.Play(v.live, v.playback(speech))
	if gone := v.gone(); gone != nil {
		return gone
	}
	if err != nil || played.End == asterisk.PlayFailed {
		v.log.Warn("announcement not heard", "err", err)
		return v.say(promptRedNotice)
	}
	return nil
}
