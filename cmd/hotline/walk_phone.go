package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"sync"
	"time"

	"hotline/asterisk"
	"hotline/ivr"
)

// walkPhone is a telephone made of a keyboard and a screen.
type walkPhone struct {
	out    io.Writer
	caller string
	dialed string
	ctx    context.Context
	end    context.CancelCauseFunc

	mu     sync.Mutex
	keys   []byte
	typed  chan struct{}
	guard  byte
	fire   context.CancelCauseFunc
	wanted int // of the input going on; in a longer one the guard's key is data
}

var (
	_ ivr.Phone   = (*walkPhone)(nil)
	_ ivr.Alerter = (*walkPhone)(nil)
)

func newWalkPhone(w walker) *walkPhone {
	p := &walkPhone{out: w.out, caller: w.from, dialed: w.house.profile.Number, typed: make(chan struct{}, 1)}
	p.ctx, p.end = context.WithCancelCause(context.Background())
	return p
}

// print writes to the screen; in a raw terminal lines end with both characters.
func (p *walkPhone) print(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\r\n")
	_, _ = io.WriteString(p.out, text) // a screen that is gone ends the walk by its keyboard
}

// read takes keys from the keyboard until it is closed. The end of a pipe hangs up
// after the keys before it, Ctrl-C and Ctrl-D in a raw terminal at once.
func (p *walkPhone) read(keyboard *bufio.Reader) {
	for {
		key, err := keyboard.ReadByte()
		if err != nil {
			p.press('h')
			return
		}
		if key == 3 || key == 4 {
			p.hangUp("keyboard closed")
			return
		}
		if key > ' ' {
			p.press(key)
		}
	}
}

func (p *walkPhone) hangUp(why string) {
	p.end(&asterisk.Hangup{By: asterisk.CallerLeft, Cause: 16, Text: why})
}

// press gives a key to the guard or to whoever waits for keys.
func (p *walkPhone) press(key byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fire != nil && key == p.guard && (p.wanted <= 1 || len(p.keys) == 0) {
		p.fire(&asterisk.KeyPressed{Key: key})
		p.fire, p.keys = nil, nil
		return
	}
	p.keys = append(p.keys, key)
	select {
	case p.typed <- struct{}{}:
	default: // whoever waits has been told already
	}
}

// next waits for a key; 0 says that the time is over, and so does the key '_'.
func (p *walkPhone) next(ctx context.Context, wait time.Duration) (byte, error) {
	over := time.NewTimer(wait)
	defer over.Stop()
	for {
		p.mu.Lock()
		if len(p.keys) > 0 && ctx.Err() == nil {
			key := p.keys[0]
			p.keys = p.keys[1:]
			p.mu.Unlock()
			switch key {
			case 'h':
				p.hangUp("hung up")
				continue
			case '_':
				return 0, nil
			}
			return key, nil
		}
		p.mu.Unlock()
		select {
		case <-over.C:
			return 0, nil
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-p.ctx.Done():
			return 0, context.Cause(p.ctx)
		case <-p.typed:
		}
	}
}

// ID names the call.
func (p *walkPhone) ID() string { return "walk" }

// Caller is the number given on the command line.
func (p *walkPhone) Caller() string { return p.caller }

// Source is nowhere: the keyboard is here.
func (p *walkPhone) Source() netip.Addr { return netip.Addr{} }

// Dialed is the hotline's number.
func (p *walkPhone) Dialed() string { return p.dialed }

// Context ends when either side hangs up.
func (p *walkPhone) Context() context.Context { return p.ctx }

// Answer always succeeds.
func (p *walkPhone) Answer(context.Context) error { p.print("☎ 接通\n"); return nil }

// Hangup ends the call.
func (p *walkPhone) Hangup(context.Context, string) error {
	p.print("☎ 通话结束\n")
	p.end(&asterisk.Hangup{By: asterisk.CutOff, Cause: 16, Text: "the flow ended"})
	return nil
}

// Remember does nothing: a walk at the keyboard is not taken over.
func (p *walkPhone) Remember([]byte) {}

// Guard arms a key.
func (p *walkPhone) Guard(ctx context.Context, key byte) (context.Context, context.CancelFunc) {
	guarded, fire := context.WithCancelCause(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.guard, p.fire = key, fire
	if i := bytes.IndexByte(p.keys, key); i >= 0 { // it was pressed before anybody listened
		p.keys, p.fire = p.keys[i+1:], nil
		fire(&asterisk.KeyPressed{Key: key})
	}
	return guarded, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.fire = nil
		fire(context.Canceled)
	}
}

// Play prints what would be heard and gives the reader a moment.
func (p *walkPhone) Play(ctx context.Context, o asterisk.PlayOptions) (asterisk.Playback, error) {
	for _, text := range o.Sounds {
		if text != "♪" {
			p.print("  🔊 %s\n", text)
		}
	}
	select {
	case <-time.After(300 * time.Millisecond):
	case <-ctx.Done():
		return asterisk.Playback{End: asterisk.PlayStopped}, context.Cause(ctx)
	}
	return asterisk.Playback{End: asterisk.PlayDone}, nil
}

// Raise prints what an alarm would do.
func (p *walkPhone) Raise(a ivr.Alert) {
	p.print("  🚨 告警(%s):循环呼叫带班领导,直到有人按 1\n", a.Why)
}
