package dispatch

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"
)

// Answer is what a citizen hears who asks about an order. Of a confidential one it
// says nothing but that it is confidential, in its language: then no other field is set (ZZ-18.3, ZZ-25).
type Answer struct {
	Confidential bool
	Number       string
	Language     string // of the requester
	Type         Type
	State        State
	Due          Deadline
	Result       string // empty until completed
	CompletedAt  time.Time
}

// Query answers by order number (either form) and code (ZZ-18.3). ErrWrong does not say
// which of the two was wrong, and a number nobody has behaves like a wrong code; so
// many wrong ones as the policy allows lock the query of that number for its lock
// time, for the right code too: ErrLocked.
func (o *Office) Query(ctx context.Context, digits, pin string) (Answer, error) {
	number, err := ParseNumber(digits)
	if err != nil {
		return Answer{}, fmt.Errorf("query: %w", ErrWrong)
	}
	var (
		answer  Answer
		verdict error
	)
	err = o.do(ctx, func(u *unit) error {
		var err error
		answer, verdict, err = u.query(number.Digits(), pin, "电话")
		return err
	})
	if err == nil {
		err = verdict
	}
	if err != nil {
		return Answer{}, fmt.Errorf("query: %w", err)
	}
	return answer, nil
}

// query looks an order up; by is the way it was asked for. verdict is what the citizen is told; a wrong code must be
// counted, so it does not unwind the transaction as err does.
func (u *unit) query(digits, pin, by string) (a Answer, verdict, err error) {
	// The order is held before the count is read: guesses at the same time wait for each other.
	order, unknown := u.Order(digits)
	if unknown != nil && !errors.Is(unknown, ErrNotFound) {
		return Answer{}, nil, unknown
	}
	locked, err := u.queryLocked(digits)
	if err != nil || locked {
		return Answer{}, ErrLocked, err
	}
	if unknown != nil || subtle.ConstantTimeCompare([]byte(order.PIN), []byte(pin)) != 1 {
		verdict, err = u.wrongCode(digits, order)
		return Answer{}, verdict, err
	}
	if err := u.ClearCodes(digits); err != nil {
		return Answer{}, nil, fmt.Errorf("clear codes: %w", err)
	}
	if err := u.event(Event{Number: order.Number, Actor: "citizen", Kind: OnQueried, Rule: "ZZ-18.3", Text: "凭单号和查询码" + by + "查询"}); err != nil {
		return Answer{}, nil, err
	}
	if order.Confidential {
		return Answer{Confidential: true, Language: order.Language}, nil, nil
	}
	return Answer{Number: order.Number, Language: order.Language, Type: order.Type, State: order.State, Due: order.Due,
		Result: order.Result, CompletedAt: order.CompletedAt}, nil, nil
}

// tries and lock are the policy's, or the rule's recommendation.
func (p QueryPolicy) tries() int {
	if p.Tries == 0 {
		return 3
	}
	return p.Tries
}

func (p QueryPolicy) lock() time.Duration {
	if p.LockMinutes == 0 {
		return 10 * time.Minute
	}
	return time.Duration(p.LockMinutes) * time.Minute
}

// queryLocked says whether the lock holds; wrong codes older than it are forgotten.
func (u *unit) queryLocked(digits string) (bool, error) {
	count, last, err := u.CodeFails(digits)
	if err != nil || count == 0 {
		return false, err
	}
	p := u.office.policy.Query
	if u.now.Before(last.Add(p.lock())) {
		return count >= p.tries(), nil
	}
	return false, u.ClearCodes(digits)
}

// wrongCode counts one and says what the citizen is told.
func (u *unit) wrongCode(digits string, order Order) (verdict, err error) {
	count, err := u.WrongCode(digits, u.now)
	if err != nil {
		return nil, fmt.Errorf("count wrong code: %w", err)
	}
	if count < u.office.policy.Query.tries() {
		return ErrWrong, nil
	}
	if order.Number == "" {
		return ErrLocked, nil
	}
	return ErrLocked, u.event(Event{Number: order.Number, Kind: OnQueryLocked, Rule: "ZZ-18.3", Text: "查询码连续错误,暂停查询"})
}
