package replay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// open registers a request and gives it to the unit.
func (s *side) open(ctx context.Context, q Request) error {
	if !s.policy.Accepts(q.Type) {
		q.Type = dispatch.Help
	}
	o, err := s.Open(ctx, dispatch.Intake{Channel: dispatch.ByPhone, Type: q.Type, Phone: q.Phone, Summary: "路灯不亮", Actor: agent.Actor})
	if err != nil {
		return err
	}
	s.f.Orders++
	q.number = o.Number
	if s.policy.Life.OwnerRule != "" {
		if _, err := s.Own(ctx, o.Number, agent, agent.Actor); err != nil && !s.refused(err) {
			return err
		}
	}
	return s.give(ctx, o.Number, q, 0)
}

// give gives an order to the unit, at the beginning and again after a redo.
func (s *side) give(ctx context.Context, number string, q Request, round int) error {
	g := dispatch.Giving{Lead: unitID}
	if s.policy.Life.Promise != "" {
		g.Promised = s.days.AddWorkingDays(s.now, 3).At
	}
	var o dispatch.Order
	var err error
	if round == 0 {
		if o, err = s.Dispatch(ctx, number, office, g); err != nil {
			return err
		}
		s.f.Days[o.Type] += o.Due.At.Sub(s.now).Hours() / 24
		s.f.Types[o.Type]++
		s.f.Rules[o.Type] = o.Due.Rule
	} else if o, err = s.store.OrderBy(ctx, number); err != nil {
		return err
	}
	s.at(s.now.Add(q.Sign), func(ctx context.Context) error { return s.sign(ctx, o, q, round) })
	return nil
}

// sign is the unit taking the order, speaking to the citizen, and asking for what it asks for.
func (s *side) sign(ctx context.Context, o dispatch.Order, q Request, round int) error {
	if _, err := s.Sign(ctx, o.Number, handler); err != nil && !s.refused(err) {
		return err
	}
	if q.Returns && round == 0 {
		s.at(s.now.Add(20*time.Hour), func(ctx context.Context) error { return s.sendBack(ctx, o) })
	}
	if q.Asks {
		s.at(s.now.Add(q.Handle/2), func(ctx context.Context) error { return s.moreTime(ctx, o) })
	}
	s.at(s.now.Add(q.Handle), func(ctx context.Context) error { return s.answer(ctx, o, q, round) })
	_, err := s.Contacted(ctx, o.Number, handler, dispatch.Contact{How: "phone", Evidence: "rec", Due: true})
	return err
}

// sendBack is the unit asking to be rid of the order; it is told that it is its business.
func (s *side) sendBack(ctx context.Context, o dispatch.Order) error {
	s.f.Returns.Tried++
	if _, err := s.AskReturn(ctx, o.Number, handler, dispatch.ReturnAsked{Reason: "不属本单位", Basis: "三定方案", Suggestion: "转住建局"}); err != nil {
		return err
	}
	s.f.Returns.Open++
	r := dispatch.Refused{Opinion: "属你单位职责"}
	if codes := s.policy.Life.Returns.Refusals; len(codes) > 0 {
		r.Code = codes[0]
	}
	_, err := s.RefuseReturn(ctx, o.Number, office, r)
	return err
}

// moreTime is the unit asking for more time, which it is given.
func (s *side) moreTime(ctx context.Context, o dispatch.Order) error {
	s.f.Extends.Tried++
	until := s.days.AddWorkingDays(s.now, 10).At
	_, err := s.AskExtension(ctx, o.Number, handler, dispatch.ExtensionAsked{Code: "policy", Reason: "情况复杂", Form: "表1", Signed: true,
		Told: []string{"office", "hotline", "caller"}, Until: until})
	if err != nil {
		return err
	}
	s.f.Extends.Open++
	if _, err := s.AllowExtension(ctx, o.Number, office, dispatch.Extended{Until: until, Opinion: "同意"}); err != nil {
		return err
	}
	_, err = s.Contacted(ctx, o.Number, handler, dispatch.Contact{How: "phone", Evidence: "rec", Extended: true})
	return err
}

// answer is the unit's answer; the office reads it later.
func (s *side) answer(ctx context.Context, o dispatch.Order, q Request, round int) error {
	_, err := s.Submit(ctx, o.Number, handler, dispatch.Submission{HandledAt: s.now, Process: "现场查看并维修", Result: "路灯已修好", Basis: "市政设施管理办法", Outcome: "resolved"})
	if err != nil {
		return err
	}
	s.at(s.now.Add(q.Review), func(ctx context.Context) error { return s.pass(ctx, o, q, round) })
	return nil
}

// pass is the head and the office agreeing; then the citizen is asked.
func (s *side) pass(ctx context.Context, o dispatch.Order, q Request, round int) error {
	life := s.policy.Life
	if life.Review.HeadRule != "" {
		if _, err := s.ReviewPass(ctx, o.Number, head, dispatch.Pass{}); err != nil {
			return err
		}
	}
	if life.FileRule != "" {
		if _, err := s.File(ctx, o.Number, handler, "已电话答复"); err != nil && !s.refused(err) {
			return err
		}
	}
	if life.UnderstoodRule != "" {
		if _, err := s.Understood(ctx, o.Number, agent, true); err != nil && !s.refused(err) {
			return err
		}
	}
	if _, err := s.ReviewPass(ctx, o.Number, office, dispatch.Pass{Checks: life.Review.Checks}); err != nil {
		return err
	}
	list, err := s.texts(ctx, o.Number, sms.KindSurvey)
	if err != nil || len(list) <= round {
		return err
	}
	s.f.Surveys++
	m := list[0]
	s.at(later(m.NotBefore, s.now).Add(time.Minute), func(ctx context.Context) error { return s.ask(ctx, q, round, m) })
	return nil
}

// ask delivers the question, and the citizen answers when they do.
func (s *side) ask(ctx context.Context, q Request, round int, m sms.Message) error {
	for _, to := range []sms.Status{sms.Sent, sms.Delivered} {
		moved, _, err := s.store.Advance(ctx, sms.Change{ID: m.ID, Status: to, At: s.now, Link: "replay", Segments: 1})
		if err != nil {
			return err
		}
		if err := s.TextMoved(ctx, moved); err != nil {
			return err
		}
	}
	if q.Ratings[round] == 0 {
		return nil
	}
	s.at(s.now.Add(q.Reply), func(ctx context.Context) error { return s.rate(ctx, q, round, m) })
	return nil
}

// rate is the citizen's answer; a bad one is called back about the next day at eleven.
func (s *side) rate(ctx context.Context, q Request, round int, m sms.Message) error {
	in := sms.Inbound{ID: fmt.Sprintf("01IN%022d", s.made), Key: fmt.Sprint(s.made), Link: "replay", From: q.Phone, To: "12345" + m.Ext, Ext: m.Ext,
		Text: fmt.Sprint(q.Ratings[round]), EventAt: s.now, ReceivedAt: s.now}
	s.made++
	if _, err := s.store.Receive(ctx, in); err != nil {
		return err
	}
	if _, err := s.TakeText(ctx, in); err != nil {
		return err
	}
	y, mo, d := s.now.In(dispatch.Place).Date()
	s.at(time.Date(y, mo, d+1, 11, 0, 0, 0, dispatch.Place), func(ctx context.Context) error { return s.callBack(ctx, q, round) })
	return nil
}

// callBack asks a dissatisfied citizen why; what the rules send back is given to the unit again.
func (s *side) callBack(ctx context.Context, q Request, round int) error {
	now, err := s.store.OrderBy(ctx, q.number)
	if err != nil || now.State != dispatch.CallBack {
		return err
	}
	tasks, err := s.store.Callbacks(ctx, dispatch.Filter{Order: q.number})
	if err != nil || len(tasks) == 0 {
		return errors.Join(err, errors.New("no task to call back"))
	}
	s.f.Callbacks++
	c := dispatch.Called{Actor: agent.Actor, Reached: true, Reason: "没解决", UnitFault: q.Fault}
	if q.Excepted {
		c.Reason, c.NoReason = "", true
	}
	if _, err := s.FinishCallback(ctx, tasks[0].ID, c); err != nil {
		return err
	}
	if now, err = s.store.OrderBy(ctx, q.number); err != nil || now.State == dispatch.Archived || round > 0 {
		return err
	}
	return s.give(ctx, q.number, q, round+1)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
