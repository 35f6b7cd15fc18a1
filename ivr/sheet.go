package ivr

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// sheet is how all desks stand and who waits for one: all that registers share. A desk
// that this controller's profile does not have has no name on it, and is left alone.
type sheet struct {
	Desks   map[string]*Desk `json:"desks"`
	Waiting []waiter         `json:"waiting,omitempty"` // in order of arrival
}

// waiter is a caller who waits.
type waiter struct {
	Call  string    `json:"call"`
	Queue string    `json:"queue,omitempty"` // empty: any desk
	Tried []string  `json:"tried,omitempty"`
	Owner string    `json:"owner"` // the caller's controller
	At    time.Time `json:"at"`    // of arrival, by that controller's clock
}

// readSheet reads what another register wrote.
func readSheet(text []byte) (*sheet, error) {
	s := &sheet{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("sheet of desks: %w", err)
	}
	if s.Desks == nil {
		s.Desks = map[string]*Desk{}
	}
	maps.DeleteFunc(s.Desks, func(_ string, k *Desk) bool { return k == nil })
	return s, nil
}

// text is the reverse of readSheet.
func (s *sheet) text() ([]byte, error) { return json.Marshal(s) }

func (s *sheet) clone() *sheet {
	c := &sheet{Desks: make(map[string]*Desk, len(s.Desks)), Waiting: slices.Clone(s.Waiting)}
	for name, k := range s.Desks {
		desk := *k
		c.Desks[name] = &desk
	}
	return c
}

// best is the desk that has been idle longest of those a caller may have, or nil.
func (s *sheet) best(w *wanted) *Desk {
	var best *Desk
	for _, k := range s.Desks {
		if k.State == DeskIdle && k.serves(w.queue, w.tried) && !s.claimed(k, w.call) && (best == nil || k.longerIdle(best)) {
			best = k
		}
	}
	return best
}

// claimed reports whether somebody who came before a call waits for what desk k serves.
func (s *sheet) claimed(k *Desk, call string) bool {
	for _, earlier := range s.Waiting {
		if earlier.Call == call {
			return false
		}
		if k.serves(earlier.Queue, earlier.Tried) {
			return true
		}
	}
	return false
}

// reap gives back what controllers left that live no more, and says whether there was any.
func (s *sheet) reap(lives func(node string) bool, now time.Time) bool {
	before, freed := len(s.Waiting), false
	s.Waiting = slices.DeleteFunc(s.Waiting, func(w waiter) bool { return !lives(w.Owner) })
	for _, k := range s.Desks {
		if k.busy() && !lives(k.Owner) {
			k.free(now)
			freed = true
		}
	}
	return freed || len(s.Waiting) < before
}

// serves reports whether a desk may take a caller.
func (k *Desk) serves(queue string, tried []string) bool {
	return k.Name != "" && !slices.Contains(tried, k.Name) &&
		(queue == "" || len(k.Queues) == 0 || slices.Contains(k.Queues, queue))
}

func (k *Desk) longerIdle(other *Desk) bool {
	return k.Since.Before(other.Since) || k.Since.Equal(other.Since) && k.Name < other.Name
}

// busy reports whether a desk is somebody's.
func (k *Desk) busy() bool { return k.State == DeskRinging || k.State == DeskTalking }

// free makes it nobody's.
func (k *Desk) free(now time.Time) {
	k.State, k.Since, k.CallID, k.Owner = DeskIdle, now, "", ""
	if k.Then != "" {
		k.State, k.Then = k.Then, ""
	}
}

// pause has no call rung at it, from now on or from when it is free.
func (k *Desk) pause(state DeskState, now time.Time) {
	if k.busy() {
		k.Then = state
		return
	}
	k.State, k.Since, k.Then = state, now, ""
}
