package sipphone

import (
	"slices"
	"time"
)

// transcript writes down prompts as their frames come in.
type transcript struct {
	index *Index
	done  []Heard
	run   *stretch
}

// stretch is a row of frames that fit one prompt, or several while that is open.
type stretch struct {
	starts  []spot // where each candidate began
	from    time.Time
	length  int // frames since the first, silence and losses included
	matched int // frames recognised
	last    int // the last of them, counted from the first
}

// Short rows are chance: a frame of a beep that also stands in a prompt.
const fewestFrames = 3

// maxHeard bounds the transcript of a call that never ends.
const maxHeard = 5000

// add takes one frame; lost is the number of packets that went missing before it.
func (t *transcript) add(c Codec, frame []byte, lost int, at time.Time) {
	if t.index == nil {
		return
	}
	if t.run != nil {
		t.run.length += 1 + lost
	}
	if len(frame) != FrameBytes || faint(c, frame) {
		return
	}
	hash := t.index.hash(c, frame)
	if t.run != nil && t.extend(hash) {
		return
	}
	t.close()
	if spots := t.index.frames[hash]; len(spots) > 0 {
		t.run = &stretch{starts: spots, from: at, matched: 1}
	}
}

// extend keeps the candidates that also have this frame in the right place.
func (t *transcript) extend(hash uint64) bool {
	s := t.run
	var left []spot
	for _, start := range s.starts {
		hashes, at := t.index.prompts[start.prompt].hashes, start.frame+s.length
		if at < len(hashes) && hashes[at] == hash {
			left = append(left, start)
		}
	}
	if left == nil {
		return false
	}
	s.starts, s.last = left, s.length
	s.matched++
	return true
}

// close writes down the row that just ended, if it was one.
func (t *transcript) close() {
	if t.run == nil {
		return
	}
	if h, ok := t.describe(t.run); ok && len(t.done) < maxHeard {
		t.done = append(t.done, h)
	}
	t.run = nil
}

// describe names a row. Among several candidates the one that began nearest to
// its own beginning is the likeliest; the complete ones come before the others.
func (t *transcript) describe(s *stretch) (Heard, bool) {
	best := slices.MinFunc(s.starts, func(a, b spot) int {
		if ca, cb := t.complete(s, a), t.complete(s, b); ca != cb {
			if ca {
				return -1
			}
			return 1
		}
		pa, pb := t.index.prompts[a.prompt], t.index.prompts[b.prompt]
		return (a.frame - pa.first) - (b.frame - pb.first)
	})
	p := t.index.prompts[best.prompt]
	h := Heard{
		ID: p.id, From: s.from, Complete: t.complete(s, best),
		Offset: time.Duration(best.frame) * FrameTime,
		For:    time.Duration(s.last+1) * FrameTime,
	}
	for _, o := range s.starts {
		id := t.index.prompts[o.prompt].id
		if t.complete(s, o) == h.Complete && !h.Is(id) {
			h.Also = append(h.Also, id)
		}
	}
	return h, h.Complete || s.matched >= fewestFrames
}

// complete tells whether a candidate was heard from its first sound to its last.
func (t *transcript) complete(s *stretch, start spot) bool {
	p := t.index.prompts[start.prompt]
	return start.frame <= p.first && start.frame+s.last >= p.last
}

// all is what was heard so far, the row that is still going on included.
func (t *transcript) all() []Heard {
	out := slices.Clone(t.done)
	if t.run != nil {
		if h, ok := t.describe(t.run); ok {
			out = append(out, h)
		}
	}
	return out
}
