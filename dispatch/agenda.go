package dispatch

import (
	"slices"
	"time"

	"hotline/dispatch/calendar"
)

// item is one act that is still to be done: what, and at which moment.
type item struct {
	kind   ActKind
	unit   string
	about  time.Time
	step   int
	at     time.Time // not before
	rule   string
	level  string        // of an ignored 催办: what it costs
	answer calendar.Span // how long somebody has to react once it is done
	mode   string
	offer  string // why a person should think of 督办
}

// duties are the rules of what is due for an order, in the order in which acts of one
// moment are done: a deadline passes before anybody is urged for it.
var duties = []func(*Office, *Watched) []item{
	escalations, onCalls, undispatched, signatures, unverified, contacts, lateVisits, reminders, overdues, decisions, ignoredUrges, urges, supervisions, offers,
}

// agenda is the acts that are to be done for an order, the first one in front. It follows
// from the order, what was done, the policy and the calendar alone.
func (o *Office) agenda(w *Watched) []item {
	var all []item
	for _, duty := range duties {
		for _, it := range duty(o, w) {
			if !w.did(it) {
				all = append(all, it)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b item) int { return a.at.Compare(b.at) })
	return all
}

// never is when an order is looked at again that nothing is due for.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// nextLook is when an order is to be looked at next.
func nextLook(all []item) time.Time {
	if len(all) == 0 {
		return never
	}
	if first := time.UnixMicro(1).UTC(); all[0].at.Before(first) {
		return first // long ago, and not "it changed"
	}
	return all[0].at.UTC()
}

// after is the first moment at which a term that ends at t is missed: terms hold their last
// second (T8, ZQ-15.2).
func after(t time.Time) time.Time { return t.Add(time.Second) }

// did says whether an item was done in this handling.
func (w *Watched) did(it item) bool {
	_, ok := w.act(it)
	return ok
}

// act is how an item was done. Only signatures are asked of several units.
func (w *Watched) act(it item) (Act, bool) {
	i := slices.IndexFunc(w.Acts, func(a Act) bool {
		return a.Attempt == w.attempt() && a.Kind == it.kind && (a.Unit == it.unit || it.kind != ActSignLate) && a.About.Equal(it.about) && a.Step == it.step
	})
	if i < 0 {
		return Act{}, false
	}
	return w.Acts[i], true
}

// lead is the lead unit's part, if a unit has the order.
func (w *Watched) lead() (Assignment, bool) {
	i := slices.IndexFunc(w.Assignments, func(a Assignment) bool { return a.Lead })
	if i < 0 {
		return Assignment{}, false
	}
	return w.Assignments[i], true
}

// atUnit says whether it is the unit's turn: not the office's, which has to decide or to
// review.
func (w *Watched) atUnit() bool {
	switch w.State {
	case Dispatched, Signed, Processing:
		return true
	}
	return false
}

// began is when the order came to where it is: to its unit, or to the hotline.
func (w *Watched) began() time.Time {
	if a, ok := w.lead(); ok {
		return a.DispatchedAt
	}
	return w.since()
}

// signatures: a unit that did not sign in time, each time a span has gone by since it was
// last told.
func signatures(o *Office, w *Watched) (all []item) {
	p := o.policy.Watch
	for _, a := range w.Assignments {
		if a.Copy != "" || a.SignBy.IsZero() || !a.SignedAt.IsZero() || w.State == ReturnRequested {
			continue
		}
		it := item{kind: ActSignLate, unit: a.Unit, about: a.SignBy, step: 1, at: after(a.SignBy), rule: p.SignRule}
		all = append(all, o.repeated(w, it, p.SignAgain, 0))
	}
	return all
}

// repeated is the first of an item's repetitions that was not done: each comes a span after
// the one before it was done, so that nobody is told twice at once after a pause. max is how
// often at most; 0 is without end.
func (o *Office) repeated(w *Watched, it item, every calendar.Span, most int) item {
	for {
		done, ok := w.act(it)
		if !ok || every == (calendar.Span{}) || it.step == most {
			return it
		}
		it.step++
		it.at = after(o.calendar().Add(done.At, every).At)
	}
}

// undispatched: it is known what a citizen asks for, and nobody has given it to a unit
// (SQ-3.2, SQ-3.3). What a unit returned has waited at that unit, not here.
func undispatched(o *Office, w *Watched) []item {
	t, ok := o.policy.Watch.Dispatch[w.Type]
	if !ok || w.State != Registered || w.Returns > 0 {
		return nil
	}
	return []item{{kind: ActSlow, about: w.CreatedAt, step: 1, at: after(t.Deadline(o.calendar(), w.CreatedAt).At), rule: t.Rule}}
}

// unverified: its unit has not looked into whether it is its business (ZQ-9.1).
func unverified(o *Office, w *Watched) []item {
	a, ok := w.lead()
	if p := o.policy.Watch; ok && p.Verify.N > 0 && (w.State == Dispatched || w.State == Signed) {
		return []item{{kind: ActUnverified, unit: a.Unit, about: a.FirstAt, step: 1, at: after(o.calendar().Add(a.FirstAt, p.Verify).At), rule: p.VerifyRule}}
	}
	return nil
}

// contacts: nobody has spoken to the citizen yet (ZQ-13.1).
func contacts(o *Office, w *Watched) []item {
	a, ok := w.lead()
	if p := o.policy.Watch; ok && p.Contact.N > 0 && w.ContactedAt.IsZero() && w.NoReply == "" && w.atUnit() {
		return []item{{kind: ActContactLate, unit: a.Unit, about: a.FirstAt, step: 1, at: after(o.calendar().Add(a.FirstAt, p.Contact).At), rule: p.ContactRule}}
	}
	return nil
}

// reminders: the deadline is near. A term that is shorter than that needs none, and one that
// has passed neither.
func reminders(o *Office, w *Watched) (all []item) {
	if w.Due.At.IsZero() || w.State == Submitted {
		return nil
	}
	for i, span := range o.policy.Watch.Remind {
		at := o.calendar().Before(w.Due.At, span).At
		if at.After(w.began()) && !o.now().After(w.Due.At) {
			all = append(all, item{kind: ActRemind, unit: w.Unit, about: w.Due.At, step: i + 1, at: at, rule: w.Due.Rule})
		}
	}
	return all
}

// overdues: the deadline passed and nothing that counts was submitted. It is noted once for
// each deadline: an extension or a calendar gives another.
func overdues(o *Office, w *Watched) []item {
	if w.Due.At.IsZero() || !w.SubmittedAt.IsZero() {
		return nil
	}
	return []item{{kind: ActOverdue, unit: w.Unit, about: w.Due.At, step: 1, at: after(w.Due.At), rule: w.Due.Rule}}
}

// decisions: what a unit asked for and nobody decided, within the policy's time, and at the
// latest when the deadline passes that an extension is asked for.
func decisions(o *Office, w *Watched) (all []item) {
	for _, r := range w.Reviews {
		span := o.policy.Watch.Undecided
		if p, put := o.policy.Life.Asks[r.Kind]; put {
			span = p.Within
		} else if r.Kind != ForReturn && r.Kind != ForExtension {
			continue
		}
		if r.Attempt != w.attempt() {
			continue
		}
		it := item{kind: ActUndecided, unit: r.Unit, about: r.AskedAt, step: 1, rule: r.Rule}
		if span.N > 0 {
			it.at = after(o.calendar().Add(r.AskedAt, span).At)
		}
		if late := after(w.Due.At); r.Kind == ForExtension && !w.Due.At.IsZero() && (it.at.IsZero() || late.Before(it.at)) {
			it.at = late
		}
		if !it.at.IsZero() {
			all = append(all, o.repeated(w, it, span, 2))
		}
	}
	return all
}
