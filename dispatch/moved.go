package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/sms"
	"hotline/sms/survey"
)

// TextMoved takes note that a text moved forward. For a survey's text, delivery opens
// its window, or acceptance where the link gives no receipts (Q8); a text that never
// arrived ends the survey without opening one (ZQ-15.2). It may be called again for
// the same move; other kinds of texts only reach the live pages.
//
// The receipt's time is taken as it is: a transport whose receipts know no seconds
// rounds them up to the minute itself, since only it knows.
func (o *Office) TextMoved(ctx context.Context, m sms.Message) error {
	o.Announce(NoticeText, m.ID)
	if m.Kind != sms.KindSurvey {
		return nil
	}
	var err error
	switch m.Status {
	case sms.Sent:
		if o.policy.Survey.Start == FromAccepted {
			err = o.openWindow(ctx, m.Ref, opening{at: m.SentAt, kind: OnSurveySent, text: "评价短信已由运营商受理"})
		} else if !o.receipts(m.Link) {
			err = o.openWindow(ctx, m.Ref, opening{at: m.SentAt, kind: OnSurveySent, text: "评价短信已由运营商受理(该通道无送达回执)"})
		}
	case sms.Delivered:
		err = o.openWindow(ctx, m.Ref, opening{at: deliveredAt(m), kind: OnSurveyDelivered, text: "评价短信已送达"})
	case sms.Undelivered, sms.Failed, sms.Expired:
		err = o.notDelivered(ctx, m)
	}
	if err != nil {
		return fmt.Errorf("text %s became %s: %w", m.ID, m.Status, err)
	}
	return nil
}

// deliveredAt is when the citizen got a text: by the receipt, but never before the
// carrier took it, which is its clock being wrong and would cost the citizen time.
func deliveredAt(m sms.Message) time.Time {
	if m.DoneAt.Before(m.SentAt) {
		return m.SentAt
	}
	return m.DoneAt
}

// opening is the moment a window opens and how that is told. Without a moment it is
// the one at which the carrier took the text.
type opening struct {
	at         time.Time
	kind, text string
}

// openWindow fixes a survey's 24 hours, once (ZQ-15.2), and then tells Redis. Redis
// is told again when this is repeated; that it failed is only logged, because replies
// and endings are found in SQL as well.
func (o *Office) openWindow(ctx context.Context, id string, op opening) error {
	var s Survey
	err := o.do(ctx, func(u *unit) error {
		var err error
		if s, err = u.Survey(id); err != nil {
			return err
		}
		if s.Outcome != Pending || !s.OpenedAt.IsZero() {
			return nil
		}
		return u.openSurvey(&s, op)
	})
	if err != nil {
		return fmt.Errorf("open the window of survey %s: %w", id, err)
	}
	o.tellWindows(ctx, s)
	return nil
}

// tellWindows puts an open survey into Redis. Another process may have taken the answer
// before Redis knew of the question: then the window ends where it began.
func (o *Office) tellWindows(ctx context.Context, s Survey) {
	if o.windows == nil || s.Outcome != Pending || s.OpenedAt.IsZero() {
		return
	}
	if err := o.windows.Open(ctx, s.Window()); err != nil {
		o.log.Warn("survey window not in redis, judging from sql", "survey", s.ID, "err", err)
		return
	}
	closed, err := o.Closed(ctx, []string{s.ID})
	if err == nil && len(closed) > 0 {
		err = o.windows.Close(ctx, s.Window())
	}
	if err != nil {
		o.log.Warn("survey window in redis not compared with sql", "survey", s.ID, "err", err)
	}
}

// Window is the survey as package survey knows it.
func (s Survey) Window() survey.Window {
	return survey.Window{ID: s.ID, Phone: s.Phone, Slot: s.Slot, Order: s.Order,
		OpenedAt: s.OpenedAt, Deadline: s.Deadline}
}

// OpenWindows lists the windows that Redis should know. With Closed it makes the office a
// survey.Source.
func (o *Office) OpenWindows(ctx context.Context, after survey.Window, limit int) ([]survey.Window, error) {
	surveys, err := o.store.OpenSurveys(ctx, Survey{ID: after.ID, Deadline: after.Deadline}, limit)
	if err != nil {
		return nil, fmt.Errorf("list open windows: %w", err)
	}
	windows := make([]survey.Window, len(surveys))
	for i, s := range surveys {
		windows[i] = s.Window()
	}
	return windows, nil
}

// Closed says which of these surveys have no open window.
func (o *Office) Closed(ctx context.Context, ids []string) ([]string, error) {
	open, err := o.store.AreOpen(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("ask which windows are open: %w", err)
	}
	isOpen := map[string]bool{}
	for _, id := range open {
		isOpen[id] = true
	}
	var closed []string
	for _, id := range ids {
		if !isOpen[id] {
			closed = append(closed, id)
		}
	}
	return closed, nil
}

// openSurvey writes the opening and moves the order on.
func (u *unit) openSurvey(s *Survey, op opening) error {
	if op.at.IsZero() {
		m, err := u.Text(s.MessageID)
		if err != nil {
			return fmt.Errorf("survey's text: %w", err)
		}
		op.at = m.SentAt
	}
	if op.at.IsZero() || op.at.After(u.now) {
		op.at = u.now // no time, or one from the future
	}
	s.OpenedAt = op.at.UTC().Truncate(time.Second)
	s.Deadline = s.OpenedAt.Add(hours(u.office.policy.Survey.WindowHours, 24))
	if err := u.SaveSurvey(s); err != nil {
		return fmt.Errorf("save survey: %w", err)
	}
	u.tell(NoticeSurvey, s.ID)
	if err := u.event(Event{Number: s.Order, Kind: op.kind, Rule: "ZQ-15.2",
		Text: op.text + ",可评价至" + s.Deadline.In(Place).Format("1月2日15:04:05")}); err != nil {
		return err
	}
	order, err := u.Order(s.Order)
	if err != nil {
		return err
	}
	if order.State != Completed {
		return nil
	}
	if err := order.move(Surveyed); err != nil {
		return err
	}
	return u.SaveOrder(&order)
}

// SweepDue settles what ended by time, from SQL alone, and returns how many surveys it
// settled: windows that are over, and before that surveys whose text was accepted long
// ago without any receipt. inboundUpTo is the last instant at which every way in for
// texts was alive: a window that ends later waits, because its answer may still be
// with the carrier, but no longer than two days. Any number of sweeps may run at once.
func (o *Office) SweepDue(ctx context.Context, now, inboundUpTo time.Time) (int, error) {
	errs := []error{o.openSilent(ctx, now)}
	bound := now
	if inboundUpTo.Before(bound) {
		bound = inboundUpTo
	}
	if floor := now.Add(-maxWait); bound.Before(floor) {
		bound = floor
	}
	settled := 0
	for {
		due, err := o.store.DueSurveys(ctx, bound.Truncate(time.Second), sweepBatch)
		if err != nil {
			return settled, errors.Join(append(errs, fmt.Errorf("sweep due surveys: %w", err))...)
		}
		all := make([]survey.Settlement, len(due))
		for i, s := range due {
			all[i] = survey.Settlement{SurveyID: s.ID, Outcome: survey.OutcomeUnrated, At: now}
		}
		later, err := o.SettleAll(ctx, all)
		if err != nil {
			return settled, errors.Join(append(errs, err)...)
		}
		settled += len(due) - len(later)
		if len(due) < sweepBatch || len(later) == len(due) {
			return settled, errors.Join(errs...)
		}
	}
}

// Limits of a sweep.
const (
	maxWait    = 48 * time.Hour // for an inbound link that does not come back
	sweepBatch = 200
)

// openSilent lets acceptance stand for delivery where no receipt came in time (Q8).
func (o *Office) openSilent(ctx context.Context, now time.Time) error {
	silent, err := o.store.SilentSurveys(ctx, now.Add(-hours(o.policy.Survey.SilentHours, 26)), sweepBatch)
	if err != nil {
		return fmt.Errorf("sweep silent surveys: %w", err)
	}
	var errs []error
	for _, s := range silent {
		errs = append(errs, o.openWindow(ctx, s.ID, opening{kind: OnSurveySent, text: "久无送达回执,自运营商受理起计"}))
	}
	return errors.Join(errs...)
}
