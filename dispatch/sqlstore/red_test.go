package sqlstore_test

import (
	"errors"
	"testing"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore"
)

func redKept(t *testing.T, s *sqlstore.Store) {
	never, err := s.Red(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "never pressed", never, dispatch.RedButton{})
	first := dispatch.RedButton{Seq: 1, At: noon, Route: dispatch.RedDuty, Prompt: "red-flood", Reason: "洪水", By: "agent:admin"}
	second := dispatch.RedButton{Seq: 2, At: noon, Route: dispatch.RedUsual, Text: "停水", Reason: "停水", By: "agent:li"}
	do(t, s, func(tx dispatch.Tx) error { return errors.Join(tx.InsertRed(first), tx.InsertRed(second)) })
	err = s.Tx(t.Context(), func(tx dispatch.Tx) error { return tx.InsertRed(second) })
	if !errors.Is(err, dispatch.ErrConflict) {
		t.Errorf("two presses of one number: %v", err)
	}
	last, err := s.Red(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the last one", last, second)
	do(t, s, func(tx dispatch.Tx) error {
		r, err := tx.Red()
		same(t, "the last one in a transaction", r, second)
		return err
	})
	all, err := s.RedPresses(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "newest first", all, []dispatch.RedButton{second, first})
}
