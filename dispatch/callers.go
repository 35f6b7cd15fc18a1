package dispatch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hotline/sms"
)

// CallerRule says for a while what becomes of calls from a number, or from every number
// that begins so: they are blocked, but for the emergency key, or allowed, whatever other
// rules say. Rules are lifted, never deleted; whether one counts follows from its times.
type CallerRule struct {
	ID        string
	Number    string // in digits as callers show it: a mainland number without 86
	Prefix    bool   // every number that begins with Number
	Allow     bool
	Reason    string
	By        string // who made it: agent:admin
	CreatedAt time.Time
	Until     time.Time
	LiftedAt  time.Time // zero unless it was ended before Until
	LiftedBy  string
}

// Counts reports whether the rule is in force at a moment.
func (r CallerRule) Counts(now time.Time) bool { return r.LiftedAt.IsZero() && now.Before(r.Until) }

// Bounds of rules: one that outlived its reason must end by itself.
const (
	longestRule = 366 * 24 * time.Hour
	// shortestPrefix lets numbers of a kind be blocked, such as 170, but no kind of phone.
	shortestPrefix = 3
	longestNumber  = 20
	maxReason      = 200 // runes
)

// check tidies a new rule up and says what is wrong with it.
func (r *CallerRule) check(now time.Time) error {
	r.Number = strings.TrimPrefix(strings.NewReplacer(" ", "", "-", "", "+", "").Replace(r.Number), "0086")
	if len(r.Number) == 13 {
		r.Number = strings.TrimPrefix(r.Number, "86")
	}
	r.Reason = strings.TrimSpace(r.Reason)
	switch {
	case len(r.Number) < shortestPrefix || len(r.Number) > longestNumber || strings.Trim(r.Number, "0123456789") != "":
		return fmt.Errorf("号码应为 %d 至 %d 位数字: %w", shortestPrefix, longestNumber, ErrInvalid)
	case r.Reason == "" || len([]rune(r.Reason)) > maxReason:
		return fmt.Errorf("原因必填,不超过 %d 字: %w", maxReason, ErrInvalid)
	case !r.Until.After(now) || r.Until.Sub(now) > longestRule:
		return fmt.Errorf("截止时间必填,应在将来一年之内: %w", ErrInvalid)
	}
	return nil
}

// AddCallerRule puts a rule into force. Number, Reason, By and Until are required, Until
// within a year; what is wrong is ErrInvalid with words that may be shown.
func (o *Office) AddCallerRule(ctx context.Context, r CallerRule) (CallerRule, error) {
	err := o.do(ctx, func(u *unit) error {
		if err := r.check(u.now); err != nil {
			return err
		}
		r.ID, r.CreatedAt, r.LiftedAt, r.LiftedBy = u.id(), u.now, time.Time{}, ""
		r.Until = r.Until.UTC().Truncate(time.Microsecond)
		return u.InsertCallerRule(r)
	})
	if err != nil {
		return CallerRule{}, err
	}
	o.log.Info("caller rule made", "rule", r.ID, "number", sms.Mask(r.Number), "prefix", r.Prefix, "allow", r.Allow, "by", r.By, "until", r.Until)
	return r, nil
}

// LiftCallerRule ends a rule before its time. One that was lifted stays as it is.
func (o *Office) LiftCallerRule(ctx context.Context, id, actor string) (CallerRule, error) {
	var r CallerRule
	err := o.do(ctx, func(u *unit) (err error) {
		if r, err = u.CallerRule(id); err != nil || !r.LiftedAt.IsZero() {
			return err
		}
		r.LiftedAt, r.LiftedBy = u.now, actor
		return u.SaveCallerRule(r)
	})
	if err != nil {
		return CallerRule{}, err
	}
	o.log.Info("caller rule lifted", "rule", r.ID, "number", sms.Mask(r.Number), "by", r.LiftedBy)
	return r, nil
}
