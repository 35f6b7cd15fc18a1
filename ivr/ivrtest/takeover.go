package ivrtest

import (
	"context"

	"hotline/asterisk"
	"hotline/ivr"
)

// Remember keeps what the flow would have a note tell; Remembered gives it back.
func (p *Phone) Remember(state []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = state
}

// Remembered is the state the flow remembered last.
func (p *Phone) Remembered() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// Resume is Serve for a call that was up before the program, as a controller that died
// left it.
func (p *Phone) Resume(r *ivr.Runner, left ivr.Left) {
	p.serve(func(ctx context.Context, phone ivr.Phone) { r.Resume(ctx, phone, left) })
}

// IsTakenOver makes another controller have the call, and waits until the flow has let go.
func (p *Phone) IsTakenOver() {
	p.end(&asterisk.Hangup{By: asterisk.TakenOver, Cause: 16, Text: "another controller has the call"})
	<-p.served
}
