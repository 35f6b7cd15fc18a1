package dispatch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// keepRule is the clause by which recordings are kept, and for how long a hotline sets.
const keepRule = "KF-3.7.4"

// keepAt is when at night recordings go whose time is over.
const keepAt Clock = 3 * 60

// Preserving says whether the recordings of an order are kept beyond their time, and why.
type Preserving struct {
	On     bool   `json:"on"`
	Reason string `json:"reason"`
}

// Preserve keeps what belongs to an order beyond its time (保全), or ends that (KF-3.7.4). The
// reason is required.
func (o *Office) Preserve(ctx context.Context, number string, by By, p Preserving) (Order, error) {
	p.Reason = cut(p.Reason, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "preserve", do: func(u *unit, order *Order) error {
		if err := needs(keepRule, blank{"reason", "保全或解除的理由", p.Reason == ""}); err != nil {
			return err
		}
		if err := by.may(keepRule, ByOffice, ByDuty, ByLeader); err != nil {
			return err
		}
		e := Event{Number: order.Number, Actor: by.Actor, Kind: OnPreserved, Rule: keepRule, Text: "保全:" + p.Reason}
		if !p.On {
			e.Kind, e.Text = OnUnpreserved, "解除保全:"+p.Reason
		}
		return u.event(e)
	}})
}

// preserved says whether the last word about it was to keep an order's recordings.
func preserved(events []Event) (is bool) {
	for _, e := range events {
		switch e.Kind {
		case OnPreserved:
			is = true
		case OnUnpreserved:
			is = false
		}
	}
	return is
}

// recordings lets go, once a night, of the recordings whose time is over: not of those of an
// order that is not archived, or that is preserved, or that was merged into such a one. What
// cannot be let go of is tried again the next night.
func (s *sweep) recordings(ctx context.Context) error {
	if s.letGo == nil || s.policy.Archive.RecordingDays == 0 {
		return nil
	}
	return s.daily(ctx, ActKeep, keepAt, func(ctx context.Context, _, at time.Time) error {
		before := at.In(Place).AddDate(0, 0, -s.policy.Archive.RecordingDays)
		for last, more := (Voicemail{}), true; more; {
			old, err := s.store.OldRecordings(ctx, before, last, maxLook)
			if err != nil {
				return err
			}
			for _, v := range old {
				if err := s.discard(ctx, v); err != nil {
					s.log.Error("a recording whose time is over is still there", "voicemail", v.ID, "order", v.Order, "err", err)
				}
				last = v
			}
			more = len(old) == maxLook
		}
		_, err := s.today(ctx, Act{Kind: ActKeep, About: at.UTC(), Rule: keepRule}, func(*unit) error { return nil })
		return err
	})
}

// maxLook is how many recordings are read at once.
const maxLook = 100

// discard lets go of one recording, unless its order still needs it. The file goes first: a
// row without its file is found again the next night, a file without its row never.
func (s *sweep) discard(ctx context.Context, v Voicemail) error {
	seen, needed, err := s.needed(ctx, v.Order)
	if err != nil || needed {
		return err
	}
	return s.do(ctx, func(u *unit) error {
		for _, before := range seen {
			order, err := u.Order(before.Number)
			if err != nil || order.Version != before.Version { // somebody works on it: the next night
				return err
			}
		}
		held, err := u.Voicemail(v.ID)
		if err != nil || held.File == "" {
			return err
		}
		if err := s.letGo(ctx, held.File); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("discard: %w", err)
		}
		held.File = ""
		if err := u.SaveVoicemail(held); err != nil {
			return err
		}
		u.tell(NoticeVoicemail, v.ID)
		a := Audit{Actor: "system", Act: ActDiscard, Subject: v.ID, Text: fmt.Sprintf("满%d天", s.policy.Archive.RecordingDays), Rule: keepRule}
		if err := u.audit(a); err != nil || v.Order == "" {
			return err
		}
		return u.event(Event{Number: v.Order, Actor: "system", Kind: OnDiscarded, Rule: keepRule, Text: "录音保存期满,已删除"})
	})
}

// needed says whether an order, or the one that it was merged into, still needs its recordings.
// It gives both as they were, in the sequence in which commands hold them.
func (s *sweep) needed(ctx context.Context, number string) (seen []Order, needed bool, err error) {
	for number != "" {
		order, err := s.store.OrderBy(ctx, number)
		if err != nil {
			return nil, false, err
		}
		events, err := s.store.Events(ctx, number)
		if err != nil || preserved(events) || order.ArchivedAt.IsZero() {
			return nil, true, err
		}
		seen, number = append(seen, order), order.Parent // whose parent is none
	}
	slices.SortFunc(seen, func(a, b Order) int { return strings.Compare(a.Number, b.Number) })
	return seen, false, nil
}
