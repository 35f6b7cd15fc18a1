package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"hotline/cmd/rig"
	"hotline/dispatch/sqlstore/pgtest"
)

// TestSQLGone lets PostgreSQL hang, which is worse than its absence: the emergency and
// the officers on duty are reached as ever, and a message left meanwhile becomes an
// order when it is back (D6).
func TestSQLGone(t *testing.T) {
	t.Parallel() // it waits for speech most of its time
	db := pgtest.Start(t)
	r := testRig(t, "HOTLINE_DB="+db)
	c := newCalm(t, r)
	c.must(c.clockTo(c.ctx, night))

	thaw := pgtest.Freeze(t, db)
	c.lacks("SQL")
	c.emergencyWorks()
	c.must(c.lines(c.ctx, map[string]line{dutyNumber: {Behaviour: "answer", AnswerAfterMS: 200, Press: "1", PressAfterMS: 2500, ToneHz: 700}}))
	hangUp(c.talks(citizenNumber, talk{to: dutyNumber, far: 700, near: 440}))
	at := c.leavesMessage(secondCaller)
	c.must(c.hears(c.ctx, at, "voicemail-saved"))
	hangUp(at)
	thaw()
	c.lacks()
	c.becameOrder(1)
	c.recorded("voicemail", "answered", "emergency")
}

// TestSQLGoneThenUs loses the database and then the hotline itself: what a caller said
// between the two becomes an order when both are back.
func TestSQLGoneThenUs(t *testing.T) {
	t.Parallel() // it waits for speech most of its time
	db := pgtest.Start(t)
	r := testRig(t, "HOTLINE_DB="+db)
	c := newCalm(t, r)
	c.must(c.clockTo(c.ctx, night))
	thaw := pgtest.Freeze(t, db)
	hangUp(c.leavesMessage(citizenNumber))
	c.keptOnDisk("1-voicemail-*")
	r.Kill(rig.Hotline)
	thaw()
	c.must(r.StartPart(c.ctx, rig.Hotline))
	c.must(c.console.logIn(c.ctx))
	c.becameOrder(1)
	c.must(eventually(c.ctx, func(context.Context) error {
		left, err := os.ReadDir(filepath.Join(r.Dir, "spool"))
		return errors.Join(err, want("files that wait", len(left), 0))
	}))
}

// keptOnDisk waits for a file of the spool.
func (c *calm) keptOnDisk(pattern string) {
	c.t.Helper()
	c.must(eventually(c.ctx, func(context.Context) error {
		files, err := filepath.Glob(filepath.Join(c.rig.Dir, "spool", pattern))
		if err == nil && len(files) == 0 {
			err = fmt.Errorf("nothing kept like %s", pattern)
		}
		return err
	}))
}

// TestPostgres goes the whole way on PostgreSQL: a call, its order, the survey, the
// rating.
func TestPostgres(t *testing.T) {
	r := testRig(t, "HOTLINE_DB="+pgtest.Start(t))
	c := newCalm(t, r)
	c.must(playDay(c.ctx, c.world))
	call := c.recorded("answered")[0]
	c.must(c.console.complete(c.ctx, call.Order, "已答复。"))
	q, err := c.question(c.ctx, citizenNumber, call.Order)
	c.must(err)
	c.must(c.answer(c.ctx, citizenNumber, q, "非常满意"))
	c.rated(call.Order, 1)
	noNumbers(t, r, c.world)
}
