package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"hotline/asterisk/sipphone"
)

// answer is a call of the hotline's to one of our lines, from INVITE to end.
func (c *carrier) answer(trunk int, in *sipphone.Incoming) {
	number := national(in.To)
	rec := c.record.open(call{
		Kind: "line", Trunk: trunk, SIP: in.ID, From: in.From, FromHeader: in.Headers["From"], PAI: in.PAI,
		To: number, Codec: string(in.Codec), Headers: extensions(in.Headers),
	})
	c.events.publish("lines", nil)
	l, ok := c.lines.get(number)
	if !ok {
		c.refuse(rec, in, 404)
		return
	}
	c.play(rec, in, l.on(trunk))
}

// extensions are the headers somebody made up, which tests like to look at.
func extensions(headers map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range headers {
		if strings.HasPrefix(strings.ToUpper(k), "X-") {
			out[k] = v
		}
	}
	return out
}

// reasons are the words beside the statuses we refuse with.
var reasons = map[int]string{
	404: "Not Found", 480: "Temporarily Unavailable", 486: "Busy Here", 603: "Decline",
}

func (c *carrier) refuse(rec *call, in *sipphone.Incoming, status int) {
	err := in.Reject(status, reasons[status])
	c.unanswered(rec, status, err)
}

// unanswered notes the end of a call that was never up.
func (c *carrier) unanswered(rec *call, status int, err error) {
	c.record.note(rec, func(r *call) {
		r.EndedAt, r.EndedBy, r.Status = c.record.at(), "us", status
		if errors.Is(err, sipphone.ErrCancelled) {
			r.EndedBy, r.Status = "hotline", 487
		} else if err != nil {
			r.Error = err.Error()
		}
	})
}

// play follows a line's script.
func (c *carrier) play(rec *call, in *sipphone.Incoming, s script) {
	switch s.Behaviour {
	case busy:
		c.refuse(rec, in, 486)
		return
	case unavailable:
		c.refuse(rec, in, 480)
		return
	}
	if err := in.Ring(); err != nil {
		c.unanswered(rec, 0, err)
		return
	}
	c.record.note(rec, func(r *call) { r.RingingAt = c.record.at() })
	ringing := in.Context()
	if s.Behaviour == noAnswer {
		<-ringing.Done()
	} else {
		pause(ringing, millis(s.AnswerMS))
	}
	switch err := context.Cause(ringing); {
	case err != nil:
		c.unanswered(rec, 0, err)
	case s.Behaviour == declines:
		c.refuse(rec, in, 603)
	default:
		c.talk(rec, in, s)
	}
}

// longestCall ends what somebody forgot, or what outlived the hotline.
const longestCall = 30 * time.Minute

// talk answers and says what the script says.
func (c *carrier) talk(rec *call, in *sipphone.Incoming, s script) {
	session, err := in.Answer()
	if err != nil {
		c.unanswered(rec, 0, err)
		return
	}
	c.record.note(rec, func(r *call) { r.AnsweredAt, r.live = c.record.at(), &live{session: session} })
	c.start(func() { c.watch(rec, session) })
	if s.ToneHz > 0 {
		session.Say(sipphone.Tone(s.ToneHz))
	}
	up := session.Context()
	if s.Press != "" && s.Behaviour != machine && pause(up, millis(s.PressMS)) {
		c.press(rec, session, s.Press)
	}
	limit := longestCall
	if s.HangupMS > 0 {
		limit = millis(s.HangupMS)
	}
	if pause(up, limit) {
		c.hangup(session)
	}
}

func (c *carrier) press(rec *call, s *sipphone.Session, keys string) {
	if err := s.Press(s.Context(), keys); err != nil {
		return // the call ended first; its record says so
	}
	c.record.note(rec, func(r *call) { r.Pressed += keys })
}

// hangup ends a call; a far end that does not confirm it is gone, and the record is
// about what we did.
func (c *carrier) hangup(s *sipphone.Session) {
	ctx, cancel := context.WithTimeout(c.ctx, 5*time.Second)
	defer cancel()
	if err := s.Hangup(ctx); err != nil {
		c.log.Warn("hang-up not confirmed", "error", err)
	}
}

func millis(n int) time.Duration { return time.Duration(n) * time.Millisecond }
