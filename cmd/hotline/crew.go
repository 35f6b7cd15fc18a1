package main

import (
	"context"
	"errors"
	"os"

	"hotline/dispatch/crew"
)

// stay keeps this controller among the others until ctx ends. One that was taken for dead
// and replaced begins anew; two of one name cannot both stay.
func (a *app) stay(ctx context.Context) error {
	for {
		err := a.crew.Run(ctx)
		if err == nil || errors.Is(err, crew.ErrNamesake) {
			return err
		}
		a.log.Error("taken for dead, beginning anew", "node", a.set.Node, "err", err)
	}
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
