package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"hotline/dispatch/sqlstore"
	"hotline/sms"
)

// Texts that dead processes had claimed need not wait for these claims to run out: those of
// this controller's earlier processes as it starts, another's when that is buried. Nobody
// knows whether they were sent. What a living one has stays so.
func TestTextsOfTheDeadAreInherited(t *testing.T) {
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "hotline.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	a := &app{set: settings{Node: "a"}, store: store, clock: newClock(), log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		owner: ownerOf("a", "9"), estates: make(chan string, mostEstates)}
	a.gateway, err = sms.NewGateway(sms.Config{Outbox: store, Inbox: store, Clock: a.clock,
		OnInbound: func(context.Context, sms.Inbound) (string, error) { return "", nil }})
	if err != nil {
		t.Fatal(err)
	}
	claim := func(owner string) []sms.Message {
		t.Helper()
		due, err := store.Claim(t.Context(), sms.Want{Now: a.clock.Now(), Limit: 10, Lease: time.Hour, Owner: owner})
		if err != nil {
			t.Fatal(err)
		}
		return due
	}
	for _, id := range []string{"a/8/", "a/9/", "b/7/", "c/6/"} {
		m := sms.Message{ID: id, Key: id, Kind: sms.KindNotice, To: "13800000001", Text: "通知", CreatedAt: a.clock.Now()}
		if err := store.PutText(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if got := claim(id); len(got) != 1 || got[0].Lapsed {
			t.Fatalf("claimed %+v", got)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	running.Go(func() {
		if err := a.inheritTexts(ctx); err != nil {
			t.Error(err)
		}
	})
	inherits := func(id string) {
		t.Helper()
		err := eventually(t.Context(), func(context.Context) error {
			due := claim(a.owner)
			if len(due) == 0 {
				return errors.New("nothing of " + id)
			}
			return errors.Join(want("texts", len(due), 1), want("text", due[0].ID, id), want("in doubt", due[0].Lapsed, true))
		})
		if err != nil {
			t.Error(err)
		}
	}
	inherits("a/8/")
	a.leavesTexts("b/7/")
	inherits("b/7/")
	for range 2 * mostEstates {
		a.leavesTexts("d/1/") // more than it takes at once hold nobody up
	}
}
