package dispatch

import "slices"

// urged lists the 催办 for an order's present deadline, those by hand included.
func (w *Watched) urged() []Act {
	var all []Act
	for _, a := range w.Acts {
		if a.Kind == ActUrge && a.Attempt == w.attempt() && a.About.Equal(w.Due.At) {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b Act) int { return a.Step - b.Step })
	return all
}

// urges: the next 催办. It comes when the unit has had its time since the one before, and
// still has the order (ZZ-23.4).
func urges(o *Office, w *Watched) []item {
	p, done := o.policy.Urge, w.urged()
	if p.Max == 0 || w.Due.At.IsZero() || !w.atUnit() || len(done) >= p.Max {
		return nil
	}
	it := item{kind: ActUrge, unit: w.Unit, about: w.Due.At, step: 1, rule: p.Rule, answer: p.Every}
	switch {
	case len(done) > 0:
		last := done[len(done)-1]
		it.step, it.at = last.Step+1, after(last.AnswerBy)
	case p.Before.N > 0:
		it.at = o.calendar().Before(w.Due.At, p.Before).At
		if began := w.began(); it.at.Before(began) {
			it.at = began // a term as short as that is urged from its beginning
		}
	default:
		it.at = after(w.Due.At)
	}
	return []item{it}
}

// ignoredUrges: what a 催办 asked for was not done in its time, and what that costs
// (ZZ-23.3, ZZ-23.4).
func ignoredUrges(o *Office, w *Watched) (all []item) {
	p := o.policy.Urge
	if len(p.Ignored) == 0 || !w.atUnit() {
		return nil
	}
	for _, a := range w.urged() {
		what := p.Ignored[min(a.Step, len(p.Ignored))-1]
		all = append(all, item{kind: ActIgnored, unit: a.Unit, about: a.About, step: a.Step, at: after(a.AnswerBy), rule: what.Rule, level: what.Level})
	}
	return all
}

// supervisions: the causes for which 督办 begins by itself.
func supervisions(o *Office, w *Watched) (all []item) {
	p := o.policy.Supervise
	cause := func(is bool, it item) {
		if is && it.rule != "" {
			it.unit, it.step, it.answer = w.Unit, 1, p.Answer
			if it.mode == "" {
				it.mode = "phone"
			}
			all = append(all, it)
		}
	}
	cause(slices.Contains(p.Sources, w.Source) && w.Source != "", item{kind: SuperSource, at: w.CreatedAt, rule: p.SourceRule})
	cause(!w.Due.At.IsZero() && w.SubmittedAt.IsZero(), item{kind: SuperOverdue, about: w.Due.At, at: after(w.Due.At), rule: p.Overdue})
	cause(p.Redos > 0 && w.Redos >= p.Redos, item{kind: SuperRedo, at: w.RedoneAt, rule: p.RedoRule})
	cause(p.Returns > 0 && w.Returns >= p.Returns, item{kind: SuperReturns, at: w.began(), rule: p.ReturnRule, mode: "coordinate"})
	if done := w.urged(); p.Urges > 0 && len(done) >= p.Urges && w.atUnit() {
		cause(true, item{kind: SuperUrges, about: w.Due.At, at: after(done[p.Urges-1].AnswerBy), rule: p.UrgesRule})
	}
	return all
}

// Steps of ActOffer: each cause is offered once.
const (
	offerRepeats = iota + 1
	offerUnits
)

// offers: what a person should think of supervising (ZQ-17, XZ-26).
func offers(o *Office, w *Watched) (all []item) {
	p := o.policy.Supervise
	if p.Repeats > 0 && w.Repeats >= p.Repeats {
		all = append(all, item{kind: ActOffer, step: offerRepeats, at: w.began(), rule: p.RepeatRule, offer: "同一诉求人就同一事项多次反映"})
	}
	units := 0
	for _, a := range w.Assignments {
		if a.Copy == "" {
			units++
		}
	}
	if p.Units > 0 && units >= p.Units {
		all = append(all, item{kind: ActOffer, step: offerUnits, at: w.began(), rule: p.UnitsRule, offer: "涉及多个部门、协调难度大"})
	}
	return all
}

// escalations: an urgent matter that no leader has confirmed in its time becomes a major
// one (ZZ-20.3, KF-3.1.6): leaders are texted, and the phone calls them until one presses 1.
// An urgent message and an emergency that reached nobody are called about from the start.
func escalations(o *Office, w *Watched) []item {
	p := o.policy.Escalation
	if p.After.N == 0 || !w.Urgent || w.UrgentAt.IsZero() || w.Confirmed || w.Channel == ByVoicemail || w.Type == EmergencyCase {
		return nil
	}
	return []item{{kind: ActEscalate, about: w.UrgentAt, step: 1, at: after(o.calendar().Add(w.UrgentAt, p.After).At), rule: p.Rule}}
}

// urgency fills in what the timeline says of an urgent order's alarm: when it was marked
// urgent, and whether leaders know of it or are called already.
func (u *unit) urgency(w *Watched) error {
	if p := u.office.policy; !w.Urgent || p.Escalation.After.N == 0 && p.OnCall.Rule == "" {
		return nil
	}
	marked, err := u.LastEvent(w.Number, OnUrgent)
	if err != nil {
		return err
	}
	w.UrgentAt = marked.At
	for _, kind := range []string{OnMajor, OnConfirmed, OnUnconfirmed} {
		e, err := u.LastEvent(w.Number, kind)
		if err != nil {
			return err
		}
		w.Confirmed = w.Confirmed || !e.At.IsZero()
		if kind == OnMajor && w.UrgentAt.IsZero() {
			w.UrgentAt = e.At
		}
	}
	knows, err := u.LastEvent(w.Number, OnUnitKnows)
	w.UnitKnewAt = knows.At
	return err
}
