package dispatch

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"
)

// ArchivePolicy is the month's volume of what was completed (KF-3.7.1).
type ArchivePolicy struct {
	At   Clock  `yaml:"at"` // on the first, about the month before; not given: nobody is told
	Rule string `yaml:"rule"`
	// RecordingDays is for how many days recordings are kept (KF-3.7.4); 0: for ever.
	RecordingDays int `yaml:"recording_days"`
}

// Completed gives the orders that were completed in a month of Asia/Shanghai, oldest first, as
// its volume has them (KF-3.7.1); what is still open goes into that of the month that completes
// it. A month that is not over fails with ErrInvalid.
func (o *Office) Completed(ctx context.Context, year int, month time.Month) (iter.Seq2[Order, error], error) {
	from := time.Date(year, month, 1, 0, 0, 0, 0, Place)
	to := from.AddDate(0, 1, 0)
	if to.After(o.now()) {
		return nil, refuse(ErrInvalid, Refusal{Field: "month", Rule: volumeRule, Text: "这个月还没有结束"})
	}
	return o.ordersOf(ctx, Filter{Since: from, Until: to, Done: true}), nil
}

// ordersOf reads the orders of a span, oldest first and an hour's at a time, so that no span
// has too many.
func (o *Office) ordersOf(ctx context.Context, span Filter) iter.Seq2[Order, error] {
	return func(yield func(Order, error) bool) {
		for f := span; f.Since.Before(span.Until); f.Since = f.Until {
			if f.Until = f.Since.Add(time.Hour); f.Until.After(span.Until) {
				f.Until = span.Until
			}
			all, err := paged(ctx, f, o.store.Orders)
			if err != nil {
				yield(Order{}, fmt.Errorf("orders from %s: %w", f.Since.Format(time.DateTime), err))
				return
			}
			for _, order := range slices.Backward(all) { // lists come newest first
				if !yield(order, nil) {
					return
				}
			}
		}
	}
}

// volumeRule is the clause of the month's volume.
const volumeRule = "KF-3.7.1"

// volumes tells the leader on duty on the first of each month what its volume has to have.
func (s *sweep) volumes(ctx context.Context) error {
	return s.daily(ctx, ActVolume, s.policy.Archive.At, func(ctx context.Context, _, at time.Time) error {
		before := at.In(Place).AddDate(0, 0, -1)
		if at.In(Place).Day() != 1 {
			return nil
		}
		all, err := s.Completed(ctx, before.Year(), before.Month())
		if err != nil {
			return err
		}
		n := 0
		for _, err := range all {
			if err != nil {
				return err
			}
			n++
		}
		words := fmt.Sprintf("%s月办结%d件,请归档立卷", before.Format("2006年1"), n)
		_, err = s.today(ctx, Act{Kind: ActVolume, About: at.UTC(), Rule: s.policy.Archive.Rule, Words: words}, func(*unit) error { return nil })
		return err
	})
}
