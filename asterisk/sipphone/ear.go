package sipphone

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// ErrEnded tells that the call ended before what was waited for was heard.
var ErrEnded = errors.New("sipphone: the call ended first")

// Frame is 20 ms as it came in.
type Frame struct {
	At      time.Time // arrival
	Seq     uint16
	Stamp   uint32 // RTP timestamp
	Payload []byte // FrameBytes of them; not to be changed
}

// Ear hears one call. It keeps the last frames (Config.Keep) and the whole call's
// tones, keys and prompts. All methods are safe for concurrent use.
//
// The Wait methods look at what was heard since the last [Ear.Mark], so that
// waiting begins in the past and cannot come too late.
type Ear struct {
	codec Codec
	code  coder
	keep  int
	now   func() time.Time

	mu      sync.Mutex
	frames  []Frame // a ring once it is full
	total   int     // frames ever heard
	slab    []byte  // room for the next payloads
	pcm     []int16
	tones   toneLog
	keys    keyLog
	script  transcript
	marked  mark
	closed  bool
	waiting map[chan struct{}]struct{}
}

// mark is how much had been heard when Mark was called.
type mark struct {
	frames, keys int
	at           time.Time
}

func newEar(c Codec, cfg Config) (*Ear, error) {
	code, err := newCoder(c)
	if err != nil {
		return nil, err
	}
	return &Ear{
		codec: c, code: code, keep: max(int(cfg.Keep/FrameTime), toneFrames), now: cfg.Now,
		pcm: make([]int16, c.samples()), script: transcript{index: cfg.Index},
		waiting: map[chan struct{}]struct{}{},
	}, nil
}

// hear takes one packet of speech, which may hold several frames.
func (e *Ear) hear(p packet, lost int) {
	at := e.now()
	e.mu.Lock()
	defer e.mu.Unlock()
	stamp := p.stamp
	for body := p.body; len(body) > 0; stamp += FrameBytes {
		n := min(len(body), FrameBytes)
		f := Frame{At: at, Seq: p.seq, Stamp: stamp, Payload: e.store(body[:n])}
		body = body[n:]
		if len(e.frames) < e.keep {
			e.frames = append(e.frames, f)
		} else {
			e.frames[e.total%e.keep] = f
		}
		e.total++
		got := e.code.decode(e.pcm, f.Payload)
		e.tones.add(e.pcm[:got], e.codec.Rate(), at)
		e.script.add(e.codec, f.Payload, lost, at)
		lost = 0
	}
	e.tell()
}

// store copies a payload into a larger block, so that a long call is not a
// hundred thousand small allocations.
func (e *Ear) store(b []byte) []byte {
	if len(e.slab) < len(b) {
		e.slab = make([]byte, 50*FrameBytes)
	}
	kept := e.slab[:len(b):len(b)]
	e.slab = e.slab[copy(kept, b):]
	return kept
}

// hearKey takes one telephone event and tells whether it is a new key.
func (e *Ear) hearKey(ev event) (KeyHeard, bool) {
	at := e.now()
	e.mu.Lock()
	defer e.mu.Unlock()
	fresh := e.keys.add(ev, at)
	if fresh {
		e.tell()
	}
	return KeyHeard{Key: keySigns[ev.code], At: at, Stamp: ev.stamp}, fresh
}

// close ends all waiting; what was heard stays readable.
func (e *Ear) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	e.tell()
}

func (e *Ear) tell() {
	for c := range e.waiting {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Mark makes the Wait methods forget what was heard until now.
func (e *Ear) Mark() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.marked = mark{frames: e.total, keys: len(e.keys.heard), at: e.now()}
}

// Count is the number of frames heard since the call began.
func (e *Ear) Count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.total
}

// Frames returns the frames kept, oldest first.
func (e *Ear) Frames() []Frame {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.since(0)
}

// since lists kept frames from the n-th of the call on.
func (e *Ear) since(n int) []Frame {
	first := e.total - len(e.frames)
	out := make([]Frame, 0, e.total-max(n, first))
	for i := max(n, first); i < e.total; i++ {
		out = append(out, e.frames[i%e.keep])
	}
	return out
}

// Tones lists the pure tones heard.
func (e *Ear) Tones() []ToneHeard {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.tones.heard)
}

// Keys lists the keys the far end pressed.
func (e *Ear) Keys() []KeyHeard {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.keys.heard)
}

// Heard lists the prompts heard, the one that is still going on included. It is
// empty unless the phone has an Index.
func (e *Ear) Heard() []Heard {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.script.all()
}

// wait returns once cond, asked under the lock after every frame and key, is true.
func (e *Ear) wait(ctx context.Context, cond func() bool) error {
	changed := make(chan struct{}, 1)
	e.mu.Lock()
	e.waiting[changed] = struct{}{}
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		delete(e.waiting, changed)
		e.mu.Unlock()
	}()
	for {
		e.mu.Lock()
		ok, closed := cond(), e.closed
		e.mu.Unlock()
		switch {
		case ok:
			return nil
		case closed:
			return ErrEnded
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
