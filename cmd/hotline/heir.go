package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"hotline/dispatch/crew"
)

const (
	// lookAround is how often it is looked for calls that nobody controls: those of a
	// controller that left in good order, which is told to nobody.
	lookAround = 250 * time.Millisecond
	// strandedAfter is how long an Asterisk may be out of reach before its calls are left
	// to a controller that reaches it.
	strandedAfter = 900 * time.Millisecond
	// reachFor is how long after Asterisk's last sign of life a controller's word that it
	// reaches it holds. It ends before anybody may be stranded: when an Asterisk stands still
	// nobody reaches it, and nobody has to leave.
	reachFor = 650 * time.Millisecond
)

// errStranded says that calls were given up to who reaches their Asterisk.
var errStranded = errors.New("an Asterisk with our calls is out of our reach, and within another controller's")

// anew reports whether a controller that ended so begins anew: others have its calls.
func anew(err error) bool { return errors.Is(err, crew.ErrReplaced) || errors.Is(err, errStranded) }

// inherit takes over what controllers that died leave.
func (a *app) inherit(ctx context.Context) error {
	look := time.NewTicker(lookAround)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case dead := <-a.crew.Dead():
			a.bury(ctx, dead)
		case <-look.C:
		}
		if err := a.tower.TakeOver(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("calls without a controller not looked for", "err", err)
		}
	}
}

// reach tells the others which Asterisks this controller reaches, until ctx ends or it had
// better leave them its calls: then it fails with errStranded. It waits for no Asterisk.
func (a *app) reach(ctx context.Context) error {
	look := time.NewTicker(lookAround)
	defer look.Stop()
	for before := false; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
		now := a.stranded(ctx)
		if now && before { // once may be a pause of our own, or a word that was true just now
			a.tower.Leave()
			return errStranded
		}
		before = now
	}
}

// stranded tells the other controllers which Asterisks this one reaches, and reports
// whether it has calls on one that only another reaches.
func (a *app) stranded(ctx context.Context) bool {
	others := a.crew.Others()
	if len(others) == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, lookAround)
	defer cancel()
	a.meet(ctx, others)
	words := a.redis.Pipeline()
	for on, quiet := range a.tower.Quiet() {
		if left := reachFor - quiet; left >= time.Millisecond {
			words.Set(ctx, reachKey(on, a.set.Node), 1, left)
		}
	}
	if _, err := words.Exec(ctx); err != nil {
		return false // nobody would know where our calls are
	}
	return slices.ContainsFunc(a.tower.Stranded(strandedAfter), func(on string) bool {
		return slices.ContainsFunc(others, func(node string) bool {
			n, err := a.redis.Exists(ctx, reachKey(on, node)).Result()
			return err == nil && n > 0
		})
	})
}

// reachKey holds while a controller reaches an Asterisk.
func reachKey(on, node string) string { return "hotline:reach:" + on + ":" + node }
