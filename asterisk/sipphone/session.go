package sipphone

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Party is a side of a call.
type Party string

// The sides of a call.
const (
	Us   Party = "us"
	Them Party = "them"
)

// Ended is the cause of a session's context once the call is over.
type Ended struct {
	By    Party
	Cause int    // Q.850; 16 is normal clearing
	Text  string // as the far end put it, often empty
}

// Error says who hung up.
func (e *Ended) Error() string {
	return fmt.Sprintf("call ended by %s, cause %d %s", e.By, e.Cause, e.Text)
}

// Session is one call that is up. All methods are safe for concurrent use.
type Session struct {
	phone  *Phone
	dialog *dialog
	media  *media
	local  description // what we said about our side, for re-INVITEs
	ctx    context.Context
	cancel context.CancelCauseFunc
	acked  chan struct{}
	ackOne sync.Once
	finish sync.Once
	inTx   sip.ClientTransaction // of our INVITE; sends ACK again when 200 comes again
	began  time.Time
}

func newSession(p *Phone, d *dialog, m *media) *Session {
	s := &Session{phone: p, dialog: d, media: m, acked: make(chan struct{}), began: p.cfg.Now()}
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	return s
}

// ID is the call's SIP Call-ID.
func (s *Session) ID() string { return s.dialog.callID }

// Context ends when the call does; its cause is *Ended.
func (s *Session) Context() context.Context { return s.ctx }

// Codec is what was agreed on.
func (s *Session) Codec() Codec { return s.media.codec }

// Ear is what is heard.
func (s *Session) Ear() *Ear { return s.media.ear }

// Stats counts the packets so far.
func (s *Session) Stats() Stats { return s.media.read() }

// Answered is when the call was answered, by Config.Now.
func (s *Session) Answered() time.Time { return s.began }

// Press presses keys one after the other, 100 ms each, a comma being a pause of
// half a second. It returns when the last is released, or with the reason why it
// was not: ErrNoKeys, *Ended, or the context's cause.
func (s *Session) Press(ctx context.Context, keys string) error {
	done, err := s.media.press(keys)
	if err != nil {
		return err
	}
	return s.until(ctx, done)
}

// Released is when the last key pressed came up: the instant its end packet was sent,
// by Config.Now. It is zero before the first key.
func (s *Session) Released() time.Time { return s.media.lastKey() }

// Say starts to say a sound in place of what was said before. The channel is
// closed at the sound's end or when another takes its place.
func (s *Session) Say(sound Sound) <-chan struct{} { return s.media.say(sound) }

// SayAll says a sound and waits for its end.
func (s *Session) SayAll(ctx context.Context, sound Sound) error {
	return s.until(ctx, s.media.say(sound))
}

// Hush stops what is being said; silence is sent instead.
func (s *Session) Hush() { s.media.hush() }

func (s *Session) until(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Hangup ends the call and tells the far end. Ending it twice, or after the far
// end did, is no error.
func (s *Session) Hangup(ctx context.Context) error {
	if !s.end(&Ended{By: Us, Cause: 16}) {
		return nil
	}
	res, err := s.phone.do(ctx, s.dialog.request(sip.BYE, 0))
	if err != nil {
		return err
	}
	if !res.IsSuccess() && res.StatusCode != 481 { // 481: they hung up at the same moment
		return &Rejected{Status: res.StatusCode, Reason: res.Reason}
	}
	return nil
}

// end stops speech, ends the context and forgets the call; false when it had ended.
func (s *Session) end(why *Ended) bool { return s.endAfter(func() {}, why) }

// endAfter is end with a last thing to do. It comes before anybody learns of the end,
// who might close the phone at once; and nobody else ends the call meanwhile.
func (s *Session) endAfter(last func(), why *Ended) bool {
	first := false
	s.finish.Do(func() {
		first = true
		last()
		s.phone.forget(s)
		s.cancel(why)
		s.media.close()
		if s.inTx != nil {
			s.inTx.Terminate()
		}
	})
	return first
}

// acknowledged notes that the far end has our 200.
func (s *Session) acknowledged() { s.ackOne.Do(func() { close(s.acked) }) }

// again answers a re-INVITE or UPDATE that offers audio: the codec stays, the
// address may change. Asterisk sends them to refresh session timers.
func (s *Session) again(req *sip.Request) *sip.Response {
	if len(req.Body()) > 0 {
		d, err := parseSDP(req.Body())
		if err != nil {
			return s.dialog.response(req, 488, "Not Acceptable Here")
		}
		if c, ok := agree(d.codecs, []Codec{s.Codec()}); !ok || c != s.Codec() {
			return s.dialog.response(req, 488, "Not Acceptable Here")
		}
		s.media.turn(d.addr)
	}
	res := s.dialog.response(req, 200, "OK")
	if len(req.Body()) > 0 || req.IsInvite() {
		withSDP(res, s.local.write(1))
	}
	return res
}

// response builds an answer of ours within the call.
func (d *dialog) response(req *sip.Request, status int, reason string) *sip.Response {
	res := sip.NewResponseFromRequest(req, status, reason, nil)
	if tag, ok := d.local.Params.Get("tag"); ok && status > 100 && res.To() != nil {
		res.To().Params.Add("tag", tag)
	}
	res.AppendHeader(d.phone.contact(d.local.Address.User))
	return res
}

func withSDP(m sip.Message, body []byte) {
	m.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	m.SetBody(body)
}
