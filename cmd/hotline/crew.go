package main

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strconv"
	"strings"
	"time"

	"hotline/asterisk"
	"hotline/dispatch/crew"
)

// A controller that hangs keeps its callers in silence until the others take it for dead;
// two seconds of that are the promise.
const (
	beat      = 200 * time.Millisecond
	deadAfter = 1200 * time.Millisecond
)

// family begins the name of every controller's ARI application.
const family = "hotline"

// stay keeps this controller among the others until ctx ends. One that was taken for dead
// gives up its calls, which others have, and is over: serve begins anew.
func (a *app) stay(ctx context.Context) error {
	err := a.crew.Run(ctx)
	if err != nil {
		a.tower.Leave()
	}
	return err
}

// incarnation tells this process from those before it: by its token, or a word of its own
// when there was no Redis to ask for one.
func incarnation(m *crew.Member) string {
	if token := m.Token(); token > 0 {
		return strconv.FormatUint(token, 10)
	}
	return "x" + strings.ToLower(rand.Text()[:8])
}

// permit stops a request of a controller that was replaced. One that was paused asks
// first; with Redis away nobody can have replaced it.
func (a *app) permit(ctx context.Context) error {
	switch a.crew.Standing() {
	case crew.Replaced:
		return crew.ErrReplaced
	case crew.Stale:
		if err := a.crew.Check(ctx); errors.Is(err, crew.ErrReplaced) {
			return err
		}
	}
	return nil
}

// inherits reports whether what a controller left is ours. With Redis away only what an
// earlier process of our own name left is.
func (a *app) inherits(ctx context.Context, app, on string) bool {
	node, ok := asterisk.NodeOf(family, app)
	if !ok {
		return false
	}
	ours, err := a.crew.Inherit(ctx, node, app[strings.LastIndexByte(app, '-')+1:], on)
	if err != nil && !errors.Is(err, crew.ErrReplaced) {
		return node == a.set.Node
	}
	return ours
}

// once makes work that only one controller does at a time. With Redis away all of them
// do, which has to be harmless; beside each use stands why it is.
func (a *app) once(role string, work func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error { return a.crew.Lead(ctx, role, work) }
}

// onceHere is once among the controllers of one machine, for work on its files.
func (a *app) onceHere(role string, work func(context.Context) error) func(context.Context) error {
	machine, err := os.Hostname()
	if err != nil {
		a.log.Warn("this machine has no name", "err", err)
	}
	return a.once(role+"@"+machine+":"+a.set.Asterisk, work)
}
