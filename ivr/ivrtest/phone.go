package ivrtest

import (
	"bytes"
	"context"
	"errors"
	"time"

	"hotline/asterisk"
)

// Answer succeeds while the caller is there.
func (p *Phone) Answer(context.Context) error { return p.ctx.Err() }

// Hangup ends the call on the flow's wish.
func (p *Phone) Hangup(_ context.Context, reason string) error {
	p.mu.Lock()
	p.hungUp = reason
	p.mu.Unlock()
	p.end(&asterisk.Hangup{By: asterisk.CutOff, Cause: 16, Text: reason})
	return nil
}

// Guard arms a key.
func (p *Phone) Guard(ctx context.Context, key byte) (context.Context, context.CancelFunc) {
	guarded, fire := context.WithCancelCause(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.guard, p.fire = key, fire
	if i := bytes.IndexByte(p.keys, key); i >= 0 { // it was pressed before the guard was armed
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

// press delivers one key: to the guard, which forgets the keys before it as the real
// switch does, or to whoever gathers. mu is held.
func (p *Phone) press(key byte) {
	data := p.wanted > 1 && p.got+len(p.keys) > 0
	if p.fire != nil && key == p.guard && !data {
		p.fire(&asterisk.KeyPressed{Key: key})
		p.fire, p.keys = nil, nil
		return
	}
	p.keys = append(p.keys, key)
	select {
	case p.typed <- struct{}{}:
	default:
	}
}

// take removes the first key typed.
func (p *Phone) take() (byte, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.keys) == 0 {
		return 0, false
	}
	key := p.keys[0]
	p.keys = p.keys[1:]
	return key, true
}

// waiting reports whether a key was typed that nobody took.
func (p *Phone) waiting() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.keys) > 0
}

// Play plays sounds, each as long as its prompt says. As on the real switch, a key
// typed before does not stop them; one typed meanwhile does.
func (p *Phone) Play(ctx context.Context, o asterisk.PlayOptions) (asterisk.Playback, error) {
	began := time.Now()
	select {
	case <-p.typed:
	default:
	}
	done := func(end asterisk.PlayEnd) (asterisk.Playback, error) {
		return asterisk.Playback{End: end, Elapsed: time.Since(began)}, nil
	}
	for _, sound := range o.Sounds {
		if ctx.Err() != nil {
			return done(asterisk.PlayStopped)
		}
		id, slots, length := spell(sound)
		if length == 0 {
			return done(asterisk.PlayFailed)
		}
		if !isTone(id) {
			p.emit(event{kind: heard, what: id, slots: slots})
		}
		if end := p.sound(ctx, o, length); end != asterisk.PlayDone {
			return done(end)
		}
	}
	return done(asterisk.PlayDone)
}

// sound lasts as long as it takes, or until a key, the call or ctx stops it.
func (p *Phone) sound(ctx context.Context, o asterisk.PlayOptions, length time.Duration) asterisk.PlayEnd {
	over := time.NewTimer(length)
	defer over.Stop()
	for {
		select {
		case <-over.C:
			return asterisk.PlayDone
		case <-p.ctx.Done():
			return asterisk.PlayHangup
		case <-ctx.Done():
			return asterisk.PlayStopped
		case <-p.typed:
			if !o.NoBarge {
				return asterisk.PlayStopped
			}
		}
	}
}

// Gather asks for keys.
func (p *Phone) Gather(ctx context.Context, o asterisk.GatherOptions) (asterisk.Gathered, error) {
	if o.Flush {
		p.mu.Lock()
		p.keys = nil
		p.mu.Unlock()
	}
	p.input(o.Max, 0)
	defer p.input(0, 0)
	if !p.waiting() {
		if _, err := p.Play(ctx, o.Prompt); err != nil {
			return asterisk.Gathered{}, err
		}
	}
	var g asterisk.Gathered
	for {
		wait := o.BetweenDigits
		if g.Digits == "" {
			wait = o.FirstDigit
		}
		key, err := p.key(ctx, wait)
		if err != nil {
			return g, context.Cause(ctx)
		}
		switch {
		case key == 0 && g.Digits == "":
			g.End = asterisk.GatherNoKey
			return g, nil
		case key == 0 && len(g.Digits) < max(1, o.Min):
			g.End = asterisk.GatherPartial
			return g, nil
		case key == 0:
			g.End = asterisk.GatherDone
			return g, nil
		case bytes.IndexByte([]byte(o.Finish), key) >= 0:
			g.Finish, g.End = string(key), asterisk.GatherDone
			if len(g.Digits) < max(1, o.Min) {
				g.End = asterisk.GatherPartial
			}
			return g, nil
		case o.Valid != "" && bytes.IndexByte([]byte(o.Valid), key) < 0:
			return asterisk.Gathered{Digits: string(key), End: asterisk.GatherWrongKey}, nil
		}
		g.Digits += string(key)
		p.input(o.Max, len(g.Digits))
		if len(g.Digits) >= o.Max {
			g.End = asterisk.GatherDone
			return g, nil
		}
	}
}

// input notes how far an input has come, for the guard.
func (p *Phone) input(wanted, got int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wanted, p.got = wanted, got
}

// errGone says that the call or the guard ended a wait.
var errGone = errors.New("gone")

// key waits for a key; 0 when the time is over.
func (p *Phone) key(ctx context.Context, wait time.Duration) (byte, error) {
	over := time.NewTimer(wait)
	defer over.Stop()
	for {
		if ctx.Err() != nil {
			return 0, errGone
		}
		if key, ok := p.take(); ok {
			return key, nil
		}
		select {
		case <-over.C:
			return 0, nil
		case <-ctx.Done():
			return 0, errGone
		case <-p.typed:
		}
	}
}

// Record records what Speaks says.
func (p *Phone) Record(ctx context.Context, o asterisk.RecordOptions) (asterisk.Recording, error) {
	p.mu.Lock()
	p.records = append(p.records, o)
	p.spoken, p.until = 0, time.Now()
	p.mu.Unlock()
	p.emit(event{kind: records})
	if p.DiskFull {
		return asterisk.Recording{Name: o.Name, End: asterisk.RecordFailed}, nil
	}
	began := time.Now()
	rec := asterisk.Recording{Name: o.Name}
	rec.End, rec.Key = p.recording(ctx, o, began)
	p.mu.Lock()
	defer p.mu.Unlock()
	rec.Duration = time.Since(began)
	rec.Speech = min(p.spoken, rec.Duration)
	return rec, nil
}

// recording waits for what ends a recording.
func (p *Phone) recording(ctx context.Context, o asterisk.RecordOptions, began time.Time) (asterisk.RecordEnd, string) {
	for {
		p.mu.Lock()
		quiet := p.until
		p.mu.Unlock()
		left := time.Until(began.Add(o.Max))
		if silent := time.Until(quiet.Add(o.Silence)); o.Silence > 0 && silent < left {
			left = silent
		}
		if left <= 0 {
			if !time.Now().Before(began.Add(o.Max)) {
				return asterisk.RecordMax, ""
			}
			return asterisk.RecordSilence, ""
		}
		key, err := p.key(ctx, left)
		switch {
		case p.ctx.Err() != nil:
			return asterisk.RecordHangup, ""
		case err != nil:
			return asterisk.RecordStopped, ""
		case key != 0 && bytes.IndexByte([]byte(o.StopKeys), key) >= 0:
			return asterisk.RecordKey, string(key)
		}
	}
}

// Dial rings a leg; the test scripts it through Rings.
func (p *Phone) Dial(ctx context.Context, o asterisk.DialOptions) (asterisk.Dialed, error) {
	return p.ring(ctx, o), nil
}

// Whisper tells the script what the desk alone hears.
func (p *Phone) Whisper(_ context.Context, _ *asterisk.Call, o asterisk.PlayOptions) error {
	for _, s := range o.Sounds {
		id, _, _ := spell(s)
		p.emit(event{kind: heard, what: "desk: " + id})
	}
	return p.ctx.Err()
}

// Connect talks until the far side hangs up (Ring.HangsUp), the caller does, or ctx ends.
func (p *Phone) Connect(ctx context.Context, _ *asterisk.Call) (asterisk.LeftFirst, error) {
	p.Board.mu.Lock()
	far := p.talking
	p.Board.mu.Unlock()
	select {
	case <-far.left:
		p.mu.Lock()
		p.keys = nil // they went to the far side
		p.mu.Unlock()
		return asterisk.FarLeft, nil
	case <-p.ctx.Done():
		return asterisk.CallerLeft, nil
	case <-ctx.Done():
		return asterisk.CutOff, nil
	}
}
