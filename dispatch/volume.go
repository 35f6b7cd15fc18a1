package dispatch

import (
	"context"
	"fmt"
	"time"
)

// ArchivePolicy is the month's volume of what was completed (KF-3.7.1).
type ArchivePolicy struct {
	At   Clock  `yaml:"at"` // on the first, about the month before; not given: nobody is told
	Rule string `yaml:"rule"`
}

// Completed lists the orders that were completed in a month of Asia/Shanghai, oldest first, as
// its volume has them (KF-3.7.1); what is still open goes into that of the month that completes
// it. A month that is not over fails with ErrInvalid.
func (o *Office) Completed(ctx context.Context, year int, month time.Month) ([]Order, error) {
	from := time.Date(year, month, 1, 0, 0, 0, 0, Place)
	to := from.AddDate(0, 1, 0)
	if to.After(o.now()) {
		return nil, refuse(ErrInvalid, Refusal{Field: "month", Rule: volumeRule, Text: "这个月还没有结束"})
	}
	all, err := paged(ctx, Filter{Since: from, Until: to, Done: true}, o.store.Orders)
	if err != nil {
		return nil, fmt.Errorf("orders of the month: %w", err)
	}
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 { // lists come newest first
		all[i], all[j] = all[j], all[i]
	}
	return all, nil
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
		words := fmt.Sprintf("%s月办结%d件,请归档立卷", before.Format("2006年1"), len(all))
		_, err = s.today(ctx, Act{Kind: ActVolume, About: at.UTC(), Rule: s.policy.Archive.Rule, Words: words}, func(*unit) error { return nil })
		return err
	})
}
