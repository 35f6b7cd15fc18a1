package ivr

import (
	"slices"
	"time"
)

// merge is the board's sheet with this controller's word on what is its own. A board that
// lost its sheet gets this register's.
func (d *Desks) merge(text []byte, stamp string) version {
	mine := d.look()
	s, err := readSheet(text)
	if err != nil {
		if len(text) > 0 {
			d.shared.Log.Error("the board holds something else", "err", err)
		}
		return version{mine, stamp, true}
	}
	ahead := d.lay(s)
	d.mu.Lock()
	defer d.mu.Unlock()
	if s.assert(mine, d.shared.Sharing, d.now()) {
		ahead = true
	}
	for name, f := range d.shared.seats {
		if k := s.Desks[name]; k != nil {
			f(k)
			ahead = true
		}
	}
	return version{s, stamp, ahead}
}

// assert makes a sheet say of what is this controller's own what its register says, and
// reports whether it said something else.
func (s *sheet) assert(mine *sheet, with Sharing, now time.Time) (changed bool) {
	for name, k := range s.Desks {
		own := mine.Desks[name]
		switch {
		case own != nil && own.busy() && own.Owner == with.Node:
			changed = k.assert(own, with) || changed
		case k.busy() && k.Owner == with.Node:
			k.free(now)
			changed = true
		}
	}
	row := mergeRows(s.Waiting, mine.Waiting, with.Node)
	changed = changed || !slices.EqualFunc(row, s.Waiting, waiter.equal)
	s.Waiting = row
	return changed
}

// assert makes a desk that this controller holds its own. If two hold it, it is that one's
// who talks, else that one's who said so first.
func (k *Desk) assert(own *Desk, with Sharing) (changed bool) {
	if k.Owner == own.Owner && k.State == own.State && k.CallID == own.CallID {
		return false
	}
	if k.busy() && k.Owner != own.Owner && with.Lives(k.Owner) && (k.State == DeskTalking || own.State == DeskRinging) {
		return false
	}
	k.State, k.Since, k.CallID, k.Owner, k.Taken = own.State, own.Since, own.CallID, own.Owner, max(k.Taken, own.Taken)
	return true
}

// mergeRows is the board's row with a controller's callers as that one has them, in order
// of arrival.
func mergeRows(board, mine []waiter, node string) []waiter {
	own := map[string]waiter{}
	for _, w := range mine {
		if w.Owner == node {
			own[w.Call] = w
		}
	}
	var row []waiter
	for _, w := range board {
		if o, ok := own[w.Call]; ok { // also one that was the caller of a controller that died
			row = append(row, o)
			delete(own, w.Call)
		} else if w.Owner != node {
			row = append(row, w)
		}
	}
	for _, w := range mine { // whom the board does not know
		if _, missing := own[w.Call]; missing {
			at := slices.IndexFunc(row, func(other waiter) bool { return other.At.After(w.At) })
			if at < 0 {
				at = len(row)
			}
			row = slices.Insert(row, at, w)
		}
	}
	return row
}

func (w waiter) equal(o waiter) bool {
	return w.Call == o.Call && w.Owner == o.Owner && slices.Equal(w.Tried, o.Tried)
}
