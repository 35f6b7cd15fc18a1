package ivr

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"
)

// Board is where the registers of several controllers keep one sheet.
type Board interface {
	// Swap writes a sheet in place of the one that has a stamp, and returns its own new
	// stamp. If that is not the one there it writes nothing and returns the one there, not
	// nil, with its stamp; a board without a sheet has an empty one with an empty stamp. A
	// nil sheet only asks.
	Swap(ctx context.Context, stamp string, sheet []byte) (now string, other []byte, err error)
	// Watch tells of changes until ctx ends; it may miss some, and tell of none.
	Watch(ctx context.Context) <-chan struct{}
}

// Sharing says with whom a register is shared; all but Budget are needed.
type Sharing struct {
	Board Board
	Node  string                 // this controller
	Lives func(node string) bool // whether a controller lives; what a dead one held is free
	Log   *slog.Logger

	// Budget is how long the board may take, since callers wait for it; default 500 ms.
	Budget time.Duration
}

// shared is how a register stands with the others. Desks.mu guards it.
type shared struct {
	Sharing
	stamp string
	ahead bool                   // the board does not have what this register has
	away  bool                   // the board does not answer: everybody for themselves
	seats map[string]func(*Desk) // who signed in and out meanwhile
}

// How long the board may take if Sharing does not say; how often it is looked at if it tells
// of nothing; and how often a change is tried when others are faster.
const (
	budgetBoard = 500 * time.Millisecond
	boardEvery  = time.Second
	boardTries  = 50
)

var errFaster = errors.New("others were faster every time")

// Share makes this register and those of other controllers one, as soon as Run works: a
// desk is taken by one caller, who came first is served first, whichever controller has
// the call. While the board is away each goes on with its own copy, so that a desk may be
// rung for two callers, to one of whom it is busy. When the board is back each
// controller's word holds for what is its own, and the latest for who sits where. It must
// be called before the register is used.
func (d *Desks) Share(with Sharing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	with.Budget = cmp.Or(with.Budget, budgetBoard)
	d.shared = shared{Sharing: with, ahead: true, away: true, seats: map[string]func(*Desk){}}
}

// Run keeps a shared register and the board together until ctx ends.
func (d *Desks) Run(ctx context.Context) {
	changed := d.shared.Board.Watch(ctx)
	for {
		d.pull(ctx)
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-time.After(boardEvery): // as crew's beats do, by the machine's clock
		}
	}
}

// node is the name this controller gives to what it holds.
func (d *Desks) node() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.shared.Node
}

// change makes f's change and reports whether there was one. f may be called several
// times, on sheets of its own.
func (d *Desks) change(f func(*sheet) bool) bool {
	d.turn.Lock()
	defer d.turn.Unlock()
	d.mu.Lock()
	v, alone := version{d.sheet, d.shared.stamp, d.shared.ahead}, d.shared.Board == nil || d.shared.away
	d.mu.Unlock()
	if !alone {
		ctx, cancel := context.WithTimeout(context.Background(), d.shared.Budget)
		defer cancel()
		changed, err := d.push(ctx, v, f)
		if err == nil {
			return changed
		}
		d.part(err)
	}
	next := v.sheet.clone()
	if !f(next) {
		return false
	}
	d.set(version{next, v.stamp, true})
	return true
}

// version is a sheet, the stamp of the one it was made of, and whether they differ.
type version struct {
	sheet *sheet
	stamp string
	ahead bool
}

// push makes f's change on the board, on top of what others changed meanwhile. turn is held.
func (d *Desks) push(ctx context.Context, v version, f func(*sheet) bool) (bool, error) {
	for range boardTries {
		next := v.sheet.clone()
		changed := f(next)
		if !changed && !v.ahead {
			d.set(v)
			return false, nil
		}
		text, err := next.text()
		if err != nil {
			return false, err
		}
		stamp, other, err := d.shared.Board.Swap(ctx, v.stamp, text)
		if err != nil {
			return false, err
		}
		if other == nil {
			d.set(version{sheet: next, stamp: stamp})
			return changed, nil
		}
		v = d.merge(other, stamp)
	}
	return false, errFaster
}

// pull takes over what others changed, frees what the dead left, and after the board was
// away brings both sides together. It asks before it keeps anybody waiting.
func (d *Desks) pull(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, d.shared.Budget)
	defer cancel()
	d.mu.Lock()
	known := d.shared.stamp
	d.mu.Unlock()
	stamp, other, err := d.shared.Board.Swap(ctx, known, nil)
	if err != nil {
		d.part(err)
		return
	}
	d.turn.Lock()
	defer d.turn.Unlock()
	d.mu.Lock()
	v, back := version{d.sheet, d.shared.stamp, d.shared.ahead}, d.shared.away
	d.mu.Unlock()
	if other != nil && v.stamp == known { // else a change of ours has been further since
		v = d.merge(other, stamp)
	}
	if _, err := d.push(ctx, v, func(s *sheet) bool { return s.reap(d.shared.Lives, d.now()) }); err != nil {
		d.part(err)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shared.away = false
	clear(d.shared.seats)
	if back {
		d.shared.Log.Info("desks are shared", "node", d.shared.Node)
	}
}

// part goes on without the board.
func (d *Desks) part(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.shared.away {
		d.shared.Log.Warn("desks are not shared, each controller goes on for itself", "node", d.shared.Node, "err", err)
	}
	d.shared.away = true
}

// set makes a version the register's, and wakes who waits if anything changed.
func (d *Desks) set(v version) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shared.stamp, d.shared.ahead = v.stamp, v.ahead
	if d.sheet != v.sheet {
		d.sheet = v.sheet
		close(d.changed)
		d.changed = make(chan struct{})
	}
}

// seat changes who sits at a desk and reports whether it is there. What happens while the
// board is away is said again when it is back.
func (d *Desks) seat(name string, f func(*Desk)) bool {
	known := d.alter(name, func(k *Desk) bool { f(k); return true })
	d.mu.Lock()
	defer d.mu.Unlock()
	if known && d.shared.away {
		d.shared.seats[name] = f
	}
	return known
}
