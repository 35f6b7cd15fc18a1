package ivr

import (
	"fmt"
	"slices"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
)

// phrase is a prompt with what fills its slots.
type phrase struct {
	id    string
	slots Slots
}

// say plays prompts one after the other without a gap. A prompt that cannot be played
// is logged and passed over: a caller must never hear nothing because of one file. The
// error means only that the call went elsewhere.
func (v *visit) say(ids ...string) error {
	phrases := make([]phrase, len(ids))
	for i, id := range ids {
		phrases[i] = phrase{id: id}
	}
	return v.speak(phrases...)
}

// speak is say with slots.
func (v *visit) speak(phrases ...phrase) error {
	if err := v.gone(); err != nil {
		return err
	}
	speech := v.compose(phrases...)
	if len(speech.Sounds) == 0 {
		return nil
	}
	v.step("say", shown(speech.Text, phrases))
	v.remember()
	played, err := v.phone.Play(v.live, v.playback(speech))
	if gone := v.gone(); gone != nil {
		return gone
	}
	v.checkPlayed(phrases, played, err)
	return nil
}

// shown is what a timeline may show of a speech: a query code is for the caller's ears
// only (ZZ-18.3).
func shown(text string, phrases []phrase) string {
	for _, p := range phrases {
		if p.slots["pin"] != "" {
			return "播报工单号与查询码"
		}
	}
	return text
}

// checkPlayed logs a prompt that was not heard.
func (v *visit) checkPlayed(phrases []phrase, played asterisk.Playback, err error) {
	if err == nil && played.End != asterisk.PlayFailed {
		return
	}
	v.log.Warn("prompt not heard", "first", phrases[0].id, "end", played.End, "err", err)
	v.r.cfg.Observe(Happening{What: "prompt-failed", Outcome: phrases[0].id})
}

// compose puts prompts together; what cannot be composed is left out and logged. Even a
// panic there costs a sentence and not the call (ZZ-10.3).
func (v *visit) compose(phrases ...phrase) Speech {
	var whole Speech
	for _, p := range phrases {
		s, err := v.composeOne(p)
		if err != nil {
			v.log.Warn("prompt missing", "prompt", p.id, "err", err)
			v.r.cfg.Observe(Happening{What: "prompt-failed", Outcome: p.id})
			continue
		}
		whole.Sounds = append(whole.Sounds, s.Sounds...)
		whole.Length += s.Length
		whole.Text += s.Text
	}
	return whole
}

func (v *visit) composeOne(p phrase) (s Speech, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			s, err = Speech{}, fmt.Errorf("panic: %v", fault)
		}
	}()
	return v.r.cfg.Prompts.Compose(v.r.cfg.Profile.Language, p.id, p.slots)
}

func (v *visit) playback(s Speech) asterisk.PlayOptions {
	return asterisk.PlayOptions{Sounds: s.Sounds, Language: v.r.cfg.Profile.Language, Expect: s.Length}
}

// ask is a question answered with keys.
type ask struct {
	prompts []string
	valid   string // keys that mean something; empty: all
	max     int
	min     int
	finish  string
	first   time.Duration // for the first key; the profile's when zero
}

// gather asks for keys. What the switch fails at counts as no key, so that the caller
// ends with a person.
func (v *visit) gather(a ask) (asterisk.Gathered, error) {
	if err := v.gone(); err != nil {
		return asterisk.Gathered{}, err
	}
	phrases := make([]phrase, len(a.prompts))
	for i, id := range a.prompts {
		phrases[i] = phrase{id: id}
	}
	speech := v.compose(phrases...)
	timing := v.r.cfg.Profile.Menu
	o := asterisk.GatherOptions{
		Prompt: v.playback(speech), Max: a.max, Min: max(1, a.min), Finish: a.finish, Valid: a.valid,
		FirstDigit: timing.FirstKey, BetweenDigits: timing.Between, Overall: time.Minute,
	}
	if a.first > 0 {
		o.FirstDigit = a.first
	}
	if speech.Text != "" {
		v.step("ask", speech.Text)
	}
	v.remember()
	g, err := v.phone.Gather(v.live, o)
	if gone := v.gone(); gone != nil {
		return g, gone
	}
	if err != nil {
		v.log.Warn("no keys could be asked for", "err", err)
		return asterisk.Gathered{End: asterisk.GatherNoKey}, nil
	}
	return g, nil
}

// called is somebody to be rung.
type called struct {
	title   string // for the timeline and the record: 座席 8001
	ways    ways
	ring    time.Duration
	opening []string // prompts the caller hears before the ring-back tone
	accept  string   // prompt asking whoever answers to press 1; empty: an answer is enough
}

// ring rings somebody, on the trunks of their class in turn, and reports the outcome. The
// error means only that the call went elsewhere; a leg that answered in that same moment
// is hung up.
func (v *visit) ring(c called) (reached, error) {
	v.mem.Sought = true
	if slices.Contains(v.skip, c.ways.whom) {
		return reached{Dialed: asterisk.Dialed{Outcome: asterisk.NoAnswer}}, nil
	}
	var gone error
	d := c.ways.reach(func(w way) (d asterisk.Dialed) {
		d, gone = v.ringOnce(c, w.endpoint)
		c.opening = nil
		return d
	})
	if gone == nil && d.Outcome != asterisk.Answered {
		v.mem.Tried = append(v.mem.Tried, c.ways.whom)
	}
	return d, gone
}

// ringOnce rings one dial string.
func (v *visit) ringOnce(c called, endpoint string) (asterisk.Dialed, error) {
	abandoned := asterisk.Dialed{Outcome: asterisk.Abandoned}
	if err := v.gone(); err != nil {
		return abandoned, err
	}
	v.step("ring", "呼叫"+c.title)
	v.remember()
	d, err := v.phone.Dial(v.live, v.dialOptions(c, endpoint))
	if gone := v.gone(); gone != nil {
		v.drop(d)
		return abandoned, gone
	}
	if err != nil {
		v.log.Warn("dial failed", "who", c.title, "err", err)
		d = asterisk.Dialed{Outcome: asterisk.Unreachable}
	}
	v.step("ring", fmt.Sprintf("%s:%s", c.title, outcomeWords[d.Outcome]))
	return d, nil
}

// presented is the number shown to whom we ring: the caller's own or, when it was
// withheld, the hotline's: a line without any may be refused, and nobody could be
// called back.
func (v *visit) presented() string {
	if number := v.phone.Caller(); number != "" {
		return number
	}
	return v.r.cfg.Profile.Number
}

func (v *visit) dialOptions(c called, endpoint string) asterisk.DialOptions {
	o := asterisk.DialOptions{
		Endpoint: endpoint, CallerID: v.presented(), Ring: c.ring,
		Meanwhile: v.meanwhile(c.ring, c.opening...),
	}
	if c.accept != "" {
		o.Confirm = &asterisk.Confirm{
			Prompt: v.playback(v.compose(phrase{id: c.accept})), Key: '1', Timeout: v.r.cfg.Profile.Duty.Accept,
		}
	}
	return o
}

// meanwhile is what the caller hears while somebody is rung: the opening once, then
// the ring-back tone for as long as it may ring. The switch loops the list; it is made
// long enough that the opening is not heard again.
func (v *visit) meanwhile(ring time.Duration, opening ...string) []string {
	phrases := make([]phrase, len(opening))
	for i, id := range opening {
		phrases[i] = phrase{id: id}
	}
	sounds := v.compose(phrases...).Sounds
	tone := v.compose(phrase{id: promptRingback})
	if len(tone.Sounds) == 0 {
		return sounds
	}
	rounds := 1
	if len(opening) > 0 {
		rounds = int((ring+v.r.cfg.Profile.Duty.Accept)/max(tone.Length, time.Second)) + 1
	}
	for range rounds {
		sounds = append(sounds, tone.Sounds...)
	}
	return sounds
}

// talk connects the caller with a leg that answered and waits until one of them
// leaves; it reports "" when they could not be connected. The emergency key is off
// meanwhile: a person is there, and the caller's keys belong to the conversation.
func (v *visit) talk(d reached, who string) asterisk.LeftFirst {
	defer d.free()
	v.disarm()
	began := v.r.cfg.Clock.Now()
	v.note(func(c *dispatch.Call) {
		if c.AnsweredAt.IsZero() {
			c.AnsweredAt = began
		}
		c.Detail = who
	})
	v.saveSoFar()
	v.step("bridge", "与"+who+"通话")
	v.remember()
	v.log.Info("talking", "with", who)
	stop, rise := v.watchLong(d.Leg), v.sit(d.Leg)
	left, err := v.phone.Connect(v.call, d.Leg)
	stop()
	if rise() {
		v.mem.Desk = ""
	}
	if err != nil {
		v.log.Warn("could not be connected", "with", who, "left", left, "err", err)
		v.step("bridge", "未能与"+who+"接通")
		v.arm()
		return ""
	}
	if left == asterisk.TakenOver {
		return left
	}
	v.step("bridge", fmt.Sprintf("通话结束,%d 秒,%s", int(v.elapsed(began).Seconds()), leftWords[left]))
	v.arm()
	return left
}

// outcomeWords tell a dial's outcome in a timeline.
var outcomeWords = map[asterisk.DialOutcome]string{
	asterisk.Answered: "已接听", asterisk.Busy: "忙", asterisk.NoAnswer: "无人接听", asterisk.Declined: "拒接",
	asterisk.Unreachable: "无法接通", asterisk.NotAccepted: "接通后无人确认", asterisk.Abandoned: "来电人已挂机",
}

// leftWords tell who ended a conversation.
var leftWords = map[asterisk.LeftFirst]string{
	asterisk.CallerLeft: "来电人先挂机", asterisk.FarLeft: "对方先挂机", asterisk.CutOff: "系统结束",
}
