package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hotline/sms/survey"
)

// ErrTextsWait says that a survey cannot end yet: texts of its phone are stored but
// not read, and one of them may be the answer. Try again later.
var ErrTextsWait = errors.New("texts of this phone wait to be read")

// ending is what a survey comes to.
type ending struct {
	outcome Outcome
	rating  int
	note    string // for people
	actor   string
}

// errNotOver says that a window is still open by our clock.
var errNotOver = fmt.Errorf("its window is not over: %w", ErrIllegal)

// Settle ends a survey, exactly once however often and from wherever it is proposed.
// An answer counts if SQL still has the survey open and the answer is in time. An
// ending by time is decided here, whatever was proposed: invalid if there was any
// attempt, else unrated (ZQ-15.2), and only when the window is really over and no
// unread text of that phone could still be the answer (ErrTextsWait).
func (o *Office) Settle(ctx context.Context, st survey.Settlement) error {
	return o.do(ctx, func(u *unit) error { return u.settleOnce(st) })
}

// SettleAll does what Settle does for many surveys in one transaction; where one of them
// fails, each has one of its own. later are those that cannot be settled yet. A survey
// that is not there is passed over. It fails only when the store takes none. It makes the
// office a survey.Sink.
func (o *Office) SettleAll(ctx context.Context, all []survey.Settlement) (later []string, err error) {
	err = o.do(ctx, func(u *unit) error {
		later = nil
		for _, st := range all {
			err := u.settleOnce(st)
			if errors.Is(err, ErrTextsWait) || errors.Is(err, errNotOver) {
				later = append(later, st.SurveyID)
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return later, nil
	}
	later = nil
	taken, failed := 0, 0
	for _, st := range all {
		err := o.Settle(ctx, st)
		switch {
		case err == nil, errors.Is(err, ErrNotFound):
			taken++
		case errors.Is(err, ErrTextsWait), errors.Is(err, errNotOver):
			later, taken = append(later, st.SurveyID), taken+1
		default:
			o.log.Warn("survey not settled", "survey", st.SurveyID, "err", err)
			later = append(later, st.SurveyID)
			if !errors.Is(err, ErrIllegal) && !errors.Is(err, ErrInvalid) {
				failed++
			}
		}
		if taken == 0 && (failed == 3 || failed == len(all)) { // it is the store, not the surveys
			return nil, err
		}
	}
	return later, nil
}

// settleOnce ends a survey that is not settled. Until it writes it fails with
// ErrTextsWait, errNotOver, or ErrNotFound for the survey itself.
func (u *unit) settleOnce(st survey.Settlement) error {
	s, err := u.Survey(st.SurveyID)
	switch {
	case err != nil:
	case s.Outcome != Pending:
	case st.Outcome == survey.OutcomeRated:
		err = u.settleAnswer(&s, st)
	default:
		err = u.settleByTime(&s)
	}
	if err != nil {
		return fmt.Errorf("settle survey %s: %w", st.SurveyID, err)
	}
	return nil
}

// settleAnswer applies a proposed answer, or keeps it as late.
func (u *unit) settleAnswer(s *Survey, st survey.Settlement) error {
	if st.Rating < 1 || st.Rating > 5 {
		return fmt.Errorf("rating %d: %w", st.Rating, ErrInvalid)
	}
	if s.OpenedAt.IsZero() || !survey.InTime(st.At, s.Deadline) {
		return u.late(*s, st.Text)
	}
	return u.settle(s, ending{outcome: Rated, rating: st.Rating, note: st.Text, actor: "citizen"})
}

// settleByTime ends a window that is over.
func (u *unit) settleByTime(s *Survey) error {
	if s.OpenedAt.IsZero() || !survey.Over(u.now, s.Deadline) {
		return errNotOver
	}
	waiting, err := u.Waiting(s.Phone, s.Deadline.Add(time.Second))
	if err != nil {
		return fmt.Errorf("look for unread texts: %w", err)
	}
	if waiting {
		return ErrTextsWait
	}
	if s.Invalid > 0 {
		return u.settle(s, ending{outcome: Invalid, note: "窗口到期,仅有无效回复"})
	}
	return u.settle(s, ending{outcome: Unrated, note: "窗口到期,未评价"})
}

// endingKinds are the events that endings write.
var endingKinds = map[Outcome]string{
	Rated: OnRated, Invalid: OnInvalidRating, Unrated: OnUnrated, Undelivered: OnNotDelivered, Skipped: OnTextSkipped,
}

// settle writes a survey's ending and what follows for its order: ratings that satisfy
// archive it (ZQ-15.4), ratings that do not open a callback (ZQ-15.5), no rating
// archives it, marked (Q12).
func (u *unit) settle(s *Survey, e ending) error {
	order, err := u.end(s, e)
	if err != nil {
		return err
	}
	if err := u.follow(&order, e); err != nil {
		return err
	}
	return u.SaveOrder(&order)
}

// end writes a survey's ending and returns its order with it, for the caller to move on
// and to save.
func (u *unit) end(s *Survey, e ending) (Order, error) {
	s.Outcome, s.Rating, s.SettledAt = e.outcome, e.rating, u.now
	if err := u.SaveSurvey(s); err != nil {
		return Order{}, fmt.Errorf("save survey: %w", err)
	}
	u.tell(NoticeSurvey, s.ID)
	text := e.note
	if e.outcome == Rated {
		text = "评价:" + RatingWords[e.rating]
	}
	if err := u.event(Event{Number: s.Order, Actor: e.actor, Kind: endingKinds[e.outcome], Rule: "ZQ-15.2", Text: text}); err != nil {
		return Order{}, err
	}
	order, err := u.Order(s.Order)
	if err != nil {
		return Order{}, err
	}
	order.Outcome, order.Rating = e.outcome, e.rating
	return order, u.fallBack(&order)
}

// follow moves the order on after its survey ended.
func (u *unit) follow(order *Order, e ending) error {
	if order.State == Archived {
		return nil
	}
	if e.outcome == Rated && slices.Contains(u.office.policy.Survey.CallbackOn, e.rating) {
		return u.openCallback(order, e.rating)
	}
	if err := u.endCallback(*order, e.actor, "已评价"); err != nil { // a text answered what a call was to ask
		return err
	}
	why := "自动归档"
	if e.outcome != Rated {
		why = "自动归档(无有效评价)"
	}
	return u.archive(order, Event{Rule: "ZQ-15.4", Text: why})
}

// openCallback makes the task of a person who asks the citizen why (ZQ-15.5), of the one
// that was to ask for the rating if there is one.
func (u *unit) openCallback(order *Order, rating int) error {
	if order.State == CallBack {
		task, err := u.CallbackOf(order.Number, order.attempt())
		if err != nil {
			return err
		}
		return u.handToPerson(&task, rating)
	}
	return u.newCallback(order, Callback{Rating: rating}, "登记原因")
}

// newCallback makes a task and moves its order there.
func (u *unit) newCallback(order *Order, c Callback, what string) error {
	if err := order.move(CallBack); err != nil {
		return err
	}
	c.ID, c.Order, c.Attempt, c.Phone, c.OpenedAt = u.id(), order.Number, order.attempt(), order.Phone, u.now
	u.office.policy.Survey.schedule(&c, u.now)
	if err := u.InsertCallback(c); err != nil {
		return fmt.Errorf("insert callback: %w", err)
	}
	u.tell(NoticeCallback, c.ID)
	return u.opened(c, what)
}

// opened tells of a call that is to be made.
func (u *unit) opened(c Callback, what string) error {
	return u.event(Event{Number: c.Order, Kind: OnCallbackOpened, Rule: "ZQ-15.5",
		Text: "待电话回访," + what + ",最迟" + c.DueAt.In(Place).Format("1月2日15:04")})
}

// late keeps an answer that came too late or a second time. It changes nothing (Q11).
func (u *unit) late(s Survey, text string) error {
	return u.event(Event{Number: s.Order, Actor: "citizen", Kind: OnLateReply, Rule: "ZQ-15.2",
		Text: "窗口外或重复的回复,不改结果:" + cut(text, 60)})
}
