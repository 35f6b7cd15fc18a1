package sqlstore_test

import (
	"errors"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore"
)

func afterWhole(t *testing.T, s *sqlstore.Store) {
	o := order(1)
	o.Redos, o.RedoneAt, o.Exception = 1, noon.Add(time.Hour), "ZQ-16.2"
	insert(t, s, o)
	task := dispatch.Callback{ID: "b1", Order: o.Number, Attempt: 2, Phone: o.Phone, Rating: 4, OpenedAt: noon, Attempts: 1, Days: 1,
		TriedAt: noon, NextAt: noon.Add(3 * time.Hour), DueAt: noon.Add(27 * time.Hour), ClaimedBy: "agent:8001", ClaimedUntil: noon.Add(time.Hour)}
	survey := dispatch.Survey{ID: "s1", Order: o.Number, Attempt: 2, Rating: 2, Original: 4, CreatedAt: noon, Version: 1}
	redo := dispatch.Redo{ID: "r1", Order: o.Number, Attempt: 2, Rule: "ZQ-16.0", Actor: "agent:8001", Reason: "没解决", At: noon, Result: "已修",
		CompletedAt: noon, DueAt: noon.Add(time.Hour), Outcome: dispatch.Rated, Rating: 4, Exception: "ZQ-16.7"}
	review := dispatch.Review{ID: "v1", Order: o.Number, Attempt: 2, Kind: dispatch.ForCorrection, Rule: "ZQ-15.6", Rating: 2, Fact: "false",
		Reason: "按错", Evidence: "REC-1", AskedBy: "agent:8001", AskedAt: noon}
	do(t, s, func(tx dispatch.Tx) error {
		_, err := tx.InsertReview(review)
		return errors.Join(err, tx.InsertCallback(task), tx.InsertSurvey(survey), tx.InsertRedo(redo))
	})
	do(t, s, func(tx dispatch.Tx) error {
		gotTask, err1 := tx.CallbackOf(o.Number, 2)
		gotSurvey, err2 := tx.SurveyOf(o.Number, 2)
		gotRedo, err3 := tx.RedoOf(o.Number, 2)
		same(t, "task", gotTask, task)
		same(t, "survey", gotSurvey, survey)
		same(t, "redo", gotRedo, redo)
		return errors.Join(err1, err2, err3)
	})
	got, err := s.OrderBy(t.Context(), o.Number)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "order", got, o)
	once(t, s, redo, review)
}

// once: an attempt has one redo, and one review of a kind that waits.
func once(t *testing.T, s *sqlstore.Store, redo dispatch.Redo, review dispatch.Review) {
	t.Helper()
	do(t, s, func(tx dispatch.Tx) error {
		redo.ID = "r2"
		if err := tx.InsertRedo(redo); !errors.Is(err, dispatch.ErrConflict) {
			t.Errorf("a second redo of one attempt: %v", err)
		}
		second := review
		second.ID, second.Rating = "v2", 1
		waiting, err := tx.InsertReview(second)
		if !errors.Is(err, dispatch.ErrConflict) {
			t.Errorf("a second review that waits: %v", err)
		}
		same(t, "the one that waits", waiting, review)
		review.Approved, review.Opinion, review.DecidedBy, review.DecidedAt = true, "属实", "agent:8002", noon.Add(time.Hour)
		if err := tx.SaveReview(review); err != nil {
			return err
		}
		_, err = tx.InsertReview(second)
		return err
	})
	all, err := s.Reviews(t.Context(), dispatch.Filter{Order: redo.Order})
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := s.Reviews(t.Context(), dispatch.Filter{Open: true})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "all and waiting", []int{len(all), len(waiting)}, []int{2, 1})
	task, err := s.CallbackBy(t.Context(), "b1")
	if err != nil || task.Order != redo.Order {
		t.Errorf("task %+v, %v", task, err)
	}
}

func ratingsCounted(t *testing.T, s *sqlstore.Store) {
	for n, rating := range []int{1, 1, 5, 5, 0} {
		o := order(n + 1)
		o.Outcome, o.Rating, o.CompletedAt = dispatch.Rated, rating, noon
		if n == 3 {
			o.Exception = "ZQ-16.7"
		}
		if rating == 0 {
			o.Outcome = dispatch.Unrated
		}
		insert(t, s, o)
	}
	do(t, s, func(tx dispatch.Tx) error {
		return tx.InsertSurvey(dispatch.Survey{ID: "s1", Order: order(2).Number, Attempt: 1, Rating: 1, Original: 4, CreatedAt: noon})
	})
	got, err := s.Ratings(t.Context(), noon, noon.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "counts", got, []dispatch.RatingCount{{Rating: 1, Orders: 2, Corrected: 1}, {Rating: 5, Orders: 1}, {Rating: 5, Excepted: true, Orders: 1}})
	none, err := s.Ratings(t.Context(), noon.Add(time.Second), noon.Add(time.Minute))
	same(t, "of another time", []any{len(none), err}, []any{0, nil})
}
