package sqlstore_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore"
)

func callerRulesKept(t *testing.T, s *sqlstore.Store) {
	rule := func(n int, until time.Duration) dispatch.CallerRule {
		return dispatch.CallerRule{ID: fmt.Sprintf("r%d", n), Number: "13800000001", Prefix: n == 2, Allow: n == 3, Reason: "骚扰",
			By: "agent:admin", CreatedAt: noon.Add(time.Duration(n) * time.Second), Until: noon.Add(until)}
	}
	over, prefix, allow := rule(1, time.Minute), rule(2, time.Hour), rule(3, time.Hour)
	do(t, s, func(tx dispatch.Tx) error {
		return errors.Join(tx.InsertCallerRule(over), tx.InsertCallerRule(prefix), tx.InsertCallerRule(allow))
	})
	list := func(f dispatch.Filter) []dispatch.CallerRule {
		t.Helper()
		all, err := s.CallerRules(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	inForce := dispatch.Filter{Open: true, Until: noon.Add(time.Minute)}
	same(t, "all, newest first", list(dispatch.Filter{}), []dispatch.CallerRule{allow, prefix, over})
	same(t, "in force", list(inForce), []dispatch.CallerRule{allow, prefix})
	same(t, "a page", list(dispatch.Filter{Limit: 1, Offset: 1}), []dispatch.CallerRule{prefix})
	same(t, "of a number", len(list(dispatch.Filter{Phone: "13800000002"})), 0)
	do(t, s, func(tx dispatch.Tx) error {
		r, err := tx.CallerRule("r2")
		if err != nil {
			return err
		}
		same(t, "read", r, prefix)
		r.LiftedAt, r.LiftedBy = noon.Add(30*time.Second), "agent:other"
		prefix = r
		return tx.SaveCallerRule(r)
	})
	same(t, "one lifted", list(inForce), []dispatch.CallerRule{allow})
	same(t, "and kept", list(dispatch.Filter{}), []dispatch.CallerRule{allow, prefix, over})
	err := s.Tx(t.Context(), func(tx dispatch.Tx) error {
		_, err := tx.CallerRule("r9")
		return errors.Join(err, tx.SaveCallerRule(rule(9, 0)))
	})
	if !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("a rule that is not there: %v", err)
	}
}
