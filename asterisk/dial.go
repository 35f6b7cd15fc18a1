package asterisk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

const (
	defaultRing    = 25 * time.Second
	defaultConfirm = 15 * time.Second
	// ringMargin is how much later than our own timer Asterisk gives up ringing, in case
	// we are not there any more.
	ringMargin = 5 * time.Second
	tooOften   = 200 * time.Millisecond // a sound this short is not looped
)

// Dial rings one leg for this call while our caller hears Meanwhile; DialOptions and
// DialOutcome tell how. A leg that was answered, and accepted where Confirm asks for it,
// is returned; it is hung up when this call's handler returns. A caller who hangs up
// takes the ringing leg along at once.
//
// The error is the cause of the context that ended first (Abandoned), or what made
// Asterisk unreachable; that nobody took the call is no error. Ring is 25 s when zero.
func (c *Call) Dial(ctx context.Context, o DialOptions) (Dialed, error) {
	if err := c.over(ctx); err != nil {
		return Dialed{Outcome: Abandoned}, err
	}
	if leg := c.resumeTalk(o.Endpoint); leg != nil {
		return Dialed{Outcome: Answered, Leg: leg}, nil
	}
	defer c.busy("dialling")()
	ctx, done := c.joined(ctx)
	defer done()
	r := c.sw.rings(o, c)
	c.jot(ctx, func(n *Note) { n.Step, n.Leg, n.Endpoint = StepRinging, r.leg.id, o.Endpoint })
	silence := c.meanwhile(ctx, o.Meanwhile)
	defer silence()
	d, err := r.outcome(ctx)
	if d.Leg != nil {
		c.keep(d.Leg)
	}
	return d, err
}

// Ring rings somebody without a caller, for an alarm. It is Dial without Meanwhile; the
// leg it returns belongs to the caller of Ring, who hangs it up.
func (s *Switch) Ring(ctx context.Context, o DialOptions) (Dialed, error) {
	return s.rings(o, nil).outcome(ctx)
}

// joined is a context that ends with ctx or with the call, whichever is first.
func (c *Call) joined(ctx context.Context) (context.Context, func()) {
	both, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(c.ctx, func() { cancel(context.Cause(c.ctx)) })
	return both, func() {
		stop()
		cancel(nil)
	}
}

// meanwhile loops sounds to our caller until the func it returns is called, which waits
// for them to be silent.
func (c *Call) meanwhile(ctx context.Context, sounds []string) (silence func()) {
	if len(sounds) == 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer c.stopped()
		for ctx.Err() == nil {
			p, err := c.play(ctx, PlayOptions{Sounds: sounds, NoBarge: true})
			if err != nil || p.End == PlayFailed || p.Elapsed < tooOften {
				return // what does not play must not be asked for a thousand times
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// ringing is one leg on its way to an answer.
type ringing struct {
	sw     *Switch
	leg    *Call
	parent *Call // whom it is for; nil for an alarm
	o      DialOptions
	began  time.Time
	rang   bool // the far end said so
}

// rings prepares to ring a leg, for a parent or, nil, for nobody.
func (s *Switch) rings(o DialOptions, parent *Call) *ringing {
	if o.Ring <= 0 {
		o.Ring = defaultRing
	}
	return &ringing{sw: s, leg: s.newCall(s.ids.next(legKind)), parent: parent, o: o}
}

// outcome rings the leg to its outcome.
func (r *ringing) outcome(ctx context.Context) (Dialed, error) {
	if ctx.Err() != nil {
		return Dialed{Outcome: Abandoned}, context.Cause(ctx)
	}
	s, o := r.sw, r.o
	r.began = s.cfg.Clock.Now()
	r.leg.dialed = o.Endpoint
	s.calls.add(route{'c', r.leg.id}, r.leg)
	d, err := r.run(ctx)
	d.Rang = s.cfg.Clock.Now().Sub(r.began)
	if d.Outcome != Answered {
		r.leg.drop(ctx)
		d.Leg = nil
	}
	s.cfg.Log.Info("dialled", "endpoint", maskEndpoint(o.Endpoint), "outcome", d.Outcome,
		"status", d.Status, "cause", d.Cause, "rang", d.Rang)
	return d, err
}

func (r *ringing) run(ctx context.Context) (Dialed, error) {
	a := r.sw.after(r.o.Ring) // from here on: it may ring before Asterisk has answered us
	defer a.cancel()
	// Not cancelled by ctx: a request given up halfway could still ring somebody.
	if err := r.originate(detached(ctx)); err != nil {
		var refusal *RequestError
		if errors.As(err, &refusal) {
			r.sw.cfg.Log.Warn("leg refused", "endpoint", maskEndpoint(r.o.Endpoint), "err", err)
			return Dialed{Outcome: Unreachable}, nil
		}
		return Dialed{Outcome: Unreachable}, err
	}
	d, err := r.wait(ctx, a)
	if d.Outcome == Answered && r.o.Confirm != nil {
		d.Outcome, err = r.confirm(ctx)
	}
	return d, err
}

// originateRequest asks for one leg. One request is faster to the INVITE than
// channels/create and dial, and its answer is a StasisStart.
type originateRequest struct {
	Endpoint   string            `json:"endpoint"`
	App        string            `json:"app"`
	AppArgs    string            `json:"appArgs"`
	ChannelID  string            `json:"channelId"`
	CallerID   string            `json:"callerId,omitempty"`
	Timeout    int               `json:"timeout"`              // seconds
	Originator string            `json:"originator,omitempty"` // its codecs are offered first
	Variables  map[string]string `json:"variables,omitempty"`
}

func (r *ringing) originate(ctx context.Context) error {
	o := r.o
	body := originateRequest{
		Endpoint: o.Endpoint, App: r.sw.app, AppArgs: "leg", ChannelID: r.leg.id,
		CallerID: callerID(o), Timeout: int((o.Ring + ringMargin).Seconds()) + 1,
	}
	if r.parent != nil {
		body.Originator = r.parent.id
	}
	if len(o.Headers) > 0 {
		body.Variables = map[string]string{}
	}
	for name, value := range o.Headers {
		body.Variables["PJSIP_HEADER(add,"+headerName(name)+")"] = oneLine(value)
	}
	return r.sw.do(ctx, request{method: http.MethodPost, path: "/channels/" + url.PathEscape(r.leg.id), body: body})
}

// wait follows the leg until it is answered or over.
func (r *ringing) wait(ctx context.Context, a *alarm) (Dialed, error) {
	for {
		e, err := r.leg.awaitLeg(ctx, a)
		switch {
		case errors.Is(err, errTimeUp):
			return Dialed{Outcome: NoAnswer}, nil
		case err != nil:
			return Dialed{Outcome: Abandoned}, err
		case e.Type == stateChange || e.Type == resynced:
			r.rang = r.rang || e.Channel.State == "Ringing"
			if e.Type == resynced && e.Channel.State == "Up" {
				return Dialed{Outcome: Answered, Leg: r.leg}, nil
			}
		case e.Type == stasisStart:
			return Dialed{Outcome: Answered, Leg: r.leg}, nil
		case e.Type == channelDestroyed:
			return r.failed(e), nil
		}
	}
}

// awaitLeg is await for a leg that has no handler yet: its own end comes as an event
// that says more than its context.
func (c *Call) awaitLeg(ctx context.Context, a *alarm) (*event, error) {
	for {
		if e := c.next(); e != nil {
			return e, nil
		}
		select {
		case <-c.box.wake:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-a.ring():
			return nil, errTimeUp
		}
	}
}

func (r *ringing) failed(e *event) Dialed {
	d := Dialed{Cause: e.Cause}
	if e.TechCause >= 300 && e.TechCause < 700 {
		d.Status = e.TechCause
	}
	d.Outcome = outcome(d, r.rang)
	return d
}

// confirm asks the person who answered to press the key (ZZ-20.2).
func (r *ringing) confirm(ctx context.Context) (DialOutcome, error) {
	c := *r.o.Confirm
	if c.Timeout <= 0 {
		c.Timeout = defaultConfirm
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := r.sw.cfg.Clock.AfterFunc(c.Timeout, func() { cancel(errEnough) })
	defer stop()
	for {
		g, err := r.leg.Gather(ctx, GatherOptions{Prompt: c.Prompt, FirstDigit: 2 * time.Second})
		switch {
		case errors.Is(err, errEnough), r.leg.ctx.Err() != nil:
			return NotAccepted, nil
		case err != nil:
			return Abandoned, err
		case g.Digits == string(c.Key):
			return Answered, nil
		}
	}
}
