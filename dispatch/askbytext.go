package dispatch

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// takeQuery answers 查 with an order's number and code by text (ZZ-18.3), at any hour and
// whatever phone it comes from, as on the phone. A wrong code and a number nobody has get
// one and the same sentence. So many wrong ones as the policy allows, of one phone, whatever
// orders they name, lock its queries for the lock time; a phone that goes on meanwhile is
// not answered. Every try is kept with what it was taken for, and noted on its order.
func (o *Office) takeQuery(ctx context.Context, in reading) (string, error) {
	if !in.asks {
		return "", nil
	}
	var as string
	err := o.do(ctx, func(u *unit) error {
		var err error
		if as, err = u.answerQuery(in); err != nil {
			return err
		}
		before, err := u.TakeInbound(in.Inbound, as)
		if err != nil || before == "" {
			return err
		}
		as = before
		return errRepeat // nothing is counted or sent for it again
	})
	if errors.Is(err, errRepeat) {
		err = nil
	}
	return as, err
}

// answerQuery looks the order up, counts what is wrong, and writes the answer.
func (u *unit) answerQuery(in reading) (as string, err error) {
	u.tell(NoticeText, in.ID)
	phone, texts := "sms:"+in.From, u.office.policy.in(u.office.policy.languageOf(in.Text))
	locked, err := u.queryLocked(phone)
	if err != nil || locked {
		return AsQueryLocked, err
	}
	found, verdict, err := u.queryByText(in.inquiry)
	if err != nil {
		return "", err
	}
	if verdict == nil {
		template, slots := u.office.tell(found)
		return AsQuery, u.reply(in.Inbound, found.Number, template, slots)
	}
	count, err := u.WrongCode(phone, u.now)
	if err != nil {
		return "", fmt.Errorf("count wrong query: %w", err)
	}
	p := u.office.policy.Query
	if errors.Is(verdict, ErrLocked) || count >= p.tries() {
		return AsQueryWrong, u.reply(in.Inbound, "", texts.QueryLocked, map[string]string{"lock": strconv.Itoa(int(p.lock().Minutes()))})
	}
	return AsQueryWrong, u.reply(in.Inbound, "", texts.QueryWrong, nil)
}

// queryByText is query for what somebody wrote, with a line on the order for each try: a
// right one is noted by query itself. Whose try it was is not said: the order may be
// confidential.
func (u *unit) queryByText(q inquiry) (a Answer, verdict, err error) {
	n, err := ParseNumber(q.number)
	if err != nil {
		return Answer{}, ErrWrong, nil
	}
	if a, verdict, err = u.query(n.Digits(), q.code, "短信"); err != nil || verdict == nil {
		return a, verdict, err
	}
	order, err := u.Order(n.Digits())
	if errors.Is(err, ErrNotFound) {
		return Answer{}, verdict, nil
	}
	if err != nil {
		return Answer{}, nil, err
	}
	return Answer{}, verdict, u.event(Event{Number: order.Number, Actor: "citizen", Kind: OnQueryWrong, Rule: "ZZ-18.3", Text: "短信查询,查询码错误或已锁定"})
}

// tell is the template and what it says of an order: of a confidential one nothing.
func (o *Office) tell(a Answer) (template string, slots map[string]string) {
	if a.Confidential {
		return o.policy.in(a.Language).QueryOwn, nil
	}
	return o.policy.in(a.Language).Query, map[string]string{"number": a.Number, "state": o.policy.stateWords(a, o.now())}
}

// stateWords says how an order stands, in half a sentence.
func (p *Policy) stateWords(a Answer, now time.Time) string {
	if a.Language == English {
		return p.stateInEnglish(a, now)
	}
	if a.CompletedAt.IsZero() {
		if !a.Due.At.IsZero() && now.After(a.Due.At) {
			return "正在办理，已超期，正在督促"
		}
		return "正在办理，最迟" + a.Due.Words() + "答复"
	}
	if a.Result == "" { // transferred, not accepted, withdrawn
		return "已于" + a.CompletedAt.In(Place).Format("1月2日") + "结束：" + StateWords[a.State]
	}
	return "已于" + a.CompletedAt.In(Place).Format("1月2日") + "答复：" + strings.TrimRight(p.shown(a.Result), "。. \n")
}

// stateInEnglish is stateWords for who writes English.
func (p *Policy) stateInEnglish(a Answer, now time.Time) string {
	if a.CompletedAt.IsZero() {
		if !a.Due.At.IsZero() && now.After(a.Due.At) {
			return "in progress, overdue, being urged"
		}
		return "in progress, due " + a.Due.in(English)
	}
	if a.Result == "" {
		return "closed " + a.CompletedAt.In(Place).Format("Jan 2")
	}
	return "answered " + a.CompletedAt.In(Place).Format("Jan 2") + ": " + strings.TrimRight(p.shown(a.Result), "。. \n")
}
