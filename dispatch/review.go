package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ReviewKind is what a second person is asked to decide.
type ReviewKind string

// The kinds of reviews.
const (
	ForCorrection ReviewKind = "correction" // a rating given by mistake (ZQ-15.6)
	ForRedo       ReviewKind = "redo"       // the citizen demands a redo (ZQ-15.7)
	ForException  ReviewKind = "exception"  // a case of ZQ-16 that needs the office's opinion
	ForReturn     ReviewKind = "return"     // a unit says that it is not its business (ZQ-9.2)
	ForExtension  ReviewKind = "extension"  // a unit asks for more time (ZQ-12)
	ForHead       ReviewKind = "head"       // a handler's answer before its unit's head (ZZ-18.1)
	ForOpinion    ReviewKind = "opinion"    // a written opinion, by a leader or, at the citizen's wish, a unit (XZ-12.6)
	ForConsent    ReviewKind = "consent"    // a unit is to know who the citizen is: the citizen decides (XZ-12.6)
	ForApproval1  ReviewKind = "secretary"  // 秘书长 before an order is given out (KF-3.2.2)
	ForApproval2  ReviewKind = "vice_mayor" // 副市长
	ForApproval3  ReviewKind = "mayor"      // 市长 (KF-3.2.3)
)

// Review is something that one person asks for and another decides, never the same.
type Review struct {
	ID       string
	Order    string
	Attempt  int
	Kind     ReviewKind
	Rule     string
	Rating   int    // a correction's
	Fact     string // an exception's
	Reason   string // in the citizen's words
	Evidence string // a correction's: the number of the recording or of the call
	AskedBy  string
	AskedAt  time.Time

	// Of what a unit asks for.
	Unit       string
	Code       string    // kind of reason, or of refusal once decided
	Basis      string    // a return's: the rule that makes it somebody else's business (ZQ-9.2)
	Suggestion string    // a return's: whose it is (XZ-12.4.2)
	Signed     bool      // the unit's leader signed it (ZQ-12.3)
	Due        time.Time // the deadline asked for, and once decided the one there is

	Approved  bool
	Opinion   string
	DecidedBy string
	DecidedAt time.Time // zero while it waits
}

// Decision is what the second person says.
type Decision struct {
	Actor   string
	Approve bool
	Opinion string // needed to refuse, and where the clause asks for it (ZQ-16.6)

	code string    // of a refusal
	due  time.Time // of what is allowed
}

// AskReview asks for a correction or a redo. version is the order's as the asker saw it; 0
// does not check. The same again, while it waits, changes nothing and returns what waits.
//
// A correction is for a rated order that is being called back, and needs the number of a
// recording (ZQ-15.6); a redo is for an order that is being called back or archived, and
// needs the citizen's reason (ZQ-15.7). What does not fit fails as a [Refusal].
func (o *Office) AskReview(ctx context.Context, r Review, version int) (Review, error) {
	r.Reason, r.Evidence = cut(r.Reason, maxSummary), cut(r.Evidence, maxName)
	if err := o.ofCitizen(ctx, r); err != nil {
		return Review{}, fmt.Errorf("order %s: ask for a %s: %w", r.Order, r.Kind, err)
	}
	asked := r
	err := o.do(ctx, func(u *unit) error {
		order, err := u.Order(r.Order)
		if err != nil {
			return err
		}
		if version != 0 && version != order.Version {
			return fmt.Errorf("version %d, stored %d: %w", version, order.Version, ErrConflict)
		}
		if err := u.mayAsk(order, &r); err != nil {
			return err
		}
		r.Order, r.Attempt = order.Number, order.attempt()
		asked, err = u.askReview(r)
		return err
	})
	if err != nil {
		return Review{}, fmt.Errorf("order %s: ask for a %s: %w", r.Order, r.Kind, err)
	}
	return asked, nil
}

// mayAsk says why a review cannot be asked for, and fills in its clause.
func (u *unit) mayAsk(order Order, r *Review) error {
	switch r.Kind {
	case ForCorrection:
		r.Rule = "ZQ-15.6"
		return u.mayCorrect(order, *r)
	case ForRedo:
		r.Rule = "ZQ-15.7"
		if r.Reason == "" {
			return refuse(ErrInvalid, Refusal{Field: "reason", Rule: r.Rule, Text: "请填写诉求人要求重办的理由"})
		}
		return u.office.policy.Redo.allowed(order)
	}
	return refuse(ErrInvalid, Refusal{Field: "kind", Rule: "ZQ-15.6", Text: "只能申请核改评价(correction)或重办(redo)"})
}

func (u *unit) mayCorrect(order Order, r Review) error {
	switch {
	case order.State != CallBack || order.Outcome != Rated:
		return refuse(ErrIllegal, Refusal{Rule: r.Rule, Text: "只有回访中的评价可以核改"})
	case r.Rating < 1 || r.Rating > 5 || r.Rating == order.Rating:
		return refuse(ErrInvalid, Refusal{Field: "rating", Rule: r.Rule, Text: "核改结果为1到5,且不同于原评价"})
	case r.Evidence == "":
		return refuse(ErrInvalid, Refusal{Field: "evidence", Rule: r.Rule, Text: "请填写回访录音编号"})
	}
	return nil
}

// ofCitizen says whether the evidence, if it names a call of ours, is one of the order's
// citizen. Other recorders have numbers of their own.
func (o *Office) ofCitizen(ctx context.Context, r Review) error {
	if r.Evidence == "" {
		return nil
	}
	call, err := o.store.CallBy(ctx, r.Evidence)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	order, err := o.store.OrderBy(ctx, r.Order)
	if err == nil && call.Order != order.Number && call.From != order.Phone && call.To != order.Phone {
		err = refuse(ErrInvalid, Refusal{Field: "evidence", Rule: "ZQ-15.6", Text: "这个来电不是该诉求人的"})
	}
	return err
}

// askReview writes what waits for a second person.
func (u *unit) askReview(r Review) (Review, error) {
	r.ID, r.AskedAt = u.id(), u.now
	waiting, err := u.InsertReview(r)
	if errors.Is(err, ErrConflict) {
		r.ID, r.AskedAt = waiting.ID, waiting.AskedAt
		if waiting == r {
			return r, nil
		}
		return Review{}, refuse(ErrConflict, Refusal{Rule: r.Rule, Text: "已有一项同类申请待审核"})
	}
	if err != nil {
		return Review{}, fmt.Errorf("insert review: %w", err)
	}
	u.tell(NoticeReview, r.ID)
	return r, u.event(Event{Number: r.Order, Actor: r.AskedBy, Kind: OnReviewAsked, Rule: r.Rule, Text: "申请审核:" + r.words()})
}

// words is what is asked for.
func (r Review) words() string {
	switch r.Kind {
	case ForCorrection:
		return "核改评价为" + RatingWords[r.Rating] + ",录音" + r.Evidence
	case ForRedo:
		return "诉求人要求重办:" + r.Reason
	}
	e := Exceptions[slices.IndexFunc(Exceptions, func(e Exception) bool { return e.Rule == r.Rule })]
	return e.Words + e.because(Claim{Fact: r.Fact, Evidence: r.Evidence})
}

// DecideReview decides what somebody else asked for, and does it. Who asked does not
// decide (ErrSame). The same decision again changes nothing; another one fails with
// ErrIllegal, as does what the order no longer allows.
func (o *Office) DecideReview(ctx context.Context, id string, d Decision) (Review, error) {
	d.Opinion = cut(d.Opinion, maxSummary)
	var r Review
	err := o.do(ctx, func(u *unit) error {
		var err error
		if r, err = u.Review(id); err != nil {
			return err
		}
		if !r.DecidedAt.IsZero() && r.DecidedBy == d.Actor && r.Approved == d.Approve {
			return nil
		}
		if r.Kind != ForCorrection && r.Kind != ForRedo && r.Kind != ForException {
			return refuse(ErrIllegal, Refusal{Field: "kind", Rule: r.Rule, Text: "这一项有自己的审批命令"})
		}
		if err := d.allowed(r); err != nil {
			return err
		}
		return u.decide(&r, d)
	})
	if err != nil {
		return Review{}, fmt.Errorf("review %s: %w", id, err)
	}
	return r, nil
}

// allowed says why a decision does not count.
func (d Decision) allowed(r Review) error {
	switch {
	case !r.DecidedAt.IsZero():
		return refuse(ErrIllegal, Refusal{Rule: r.Rule, Text: "已由" + r.DecidedBy + "审核"})
	case d.Actor == r.AskedBy:
		return refuse(ErrSame, Refusal{Rule: r.Rule, Text: "须由申请人以外的人审核"})
	case d.Opinion == "" && (!d.Approve || r.Kind == ForException):
		return refuse(ErrInvalid, Refusal{Field: "opinion", Rule: r.Rule, Text: "请填写审核意见"})
	}
	return nil
}

// decide writes a decision and what it does to the order.
func (u *unit) decide(r *Review, d Decision) error {
	r.Approved, r.Opinion, r.DecidedBy, r.DecidedAt = d.Approve, d.Opinion, d.Actor, u.now
	if err := u.SaveReview(*r); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	u.tell(NoticeReview, r.ID)
	text := "审核不同意:"
	if d.Approve {
		text = "审核同意:"
	}
	if err := u.event(Event{Number: r.Order, Actor: d.Actor, Kind: OnReviewDecided, Rule: r.Rule, Text: text + r.words() + opinion(d)}); err != nil {
		return err
	}
	if err := u.audit(Audit{Actor: d.Actor, Act: ActDecide, Subject: r.Order, Rule: r.Rule, Text: text + r.words() + opinion(d)}); err != nil {
		return err
	}
	order, err := u.Order(r.Order)
	if err != nil {
		return err
	}
	before := order
	if err := u.carryOut(&order, *r); err != nil || order == before {
		return err
	}
	return u.SaveOrder(&order)
}

func opinion(d Decision) string {
	if d.Opinion == "" {
		return ""
	}
	return ";意见:" + d.Opinion
}

// carryOut does what was decided. What the order has left behind is not done any more: an
// approval of it fails with ErrIllegal, a refusal changes nothing.
func (u *unit) carryOut(order *Order, r Review) error {
	current := order.attempt() == r.Attempt && (order.State == CallBack || r.Kind == ForRedo)
	switch {
	case !current && r.Approved:
		return refuse(ErrIllegal, Refusal{Rule: r.Rule, Text: "工单已不在申请时的阶段"})
	case r.Kind == ForException && r.Approved:
		e := Exceptions[slices.IndexFunc(Exceptions, func(e Exception) bool { return e.Rule == r.Rule })]
		return u.except(order, e, Event{Actor: r.DecidedBy, Text: e.because(Claim{Fact: r.Fact, Evidence: r.Evidence}) + ";本级意见:" + r.Opinion})
	case r.Kind == ForException && current:
		return u.sendBack(order, back{rule: u.office.policy.Redo.rule(), actor: r.DecidedBy, reason: r.Reason})
	case r.Kind == ForRedo && r.Approved:
		return u.sendBack(order, back{rule: r.Rule, actor: r.DecidedBy, reason: r.Reason})
	case r.Kind == ForCorrection && r.Approved:
		return u.correct(order, r)
	}
	return nil
}
