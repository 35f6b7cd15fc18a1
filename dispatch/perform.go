package dispatch

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/sms"
)

// audience is whom an act is told to.
type audience int

// The audiences, to be added.
const (
	handlers audience = 1 << iota // the unit's
	heads
	officers // on duty
	leaders  // on duty, all in the order to be rung
	owners   // the first to take the request, who follows it (ZZ-21)
	onCall   // the unit's, outside business hours

	nobody audience = 0
)

// telling is how an act of a kind is told.
type telling struct {
	event string
	words func(*Watched, *Act, item) string
	to    func(*Watched, item) audience
}

// tellings are those about orders.
var tellings = map[ActKind]telling{
	ActSignLate:    {OnSignLate, func(_ *Watched, a *Act, _ item) string { return "应于" + moment(a.About) + "前签收,尚未签收" }, stepped(handlers, heads)},
	ActContactLate: {OnContactLate, plainly("派发后尚未联系诉求人"), always(handlers)},
	ActSlow:        {OnSlow, plainly("登记后尚未派出"), always(officers)},
	ActUnverified:  {OnUnverified, plainly("派发后尚未核实"), always(handlers)},
	ActVisit: {OnVisit, func(_ *Watched, a *Act, _ item) string {
		return "派往现场:" + a.Words + ",预计" + moment(a.AnswerBy) + "到场"
	}, always(nobody)},
	ActVisitLate: {OnVisitLate, func(_ *Watched, a *Act, _ item) string {
		return "现场人员应于" + moment(a.About) + "到场,尚未报告"
	}, always(officers | heads)},
	ActRemind: {OnReminded, func(w *Watched, _ *Act, _ item) string { return "临近期限,最迟" + w.Due.Words() + "办结" }, always(handlers)},
	ActUrge:   {OnUrged, urgeWords, stepped(handlers, heads)},
	ActIgnored: {OnUrgeIgnored, func(_ *Watched, a *Act, it item) string {
		return fmt.Sprintf("第%d次催办期限已过仍未处理:%s", a.Step, it.level)
	},
		always(heads)},
	ActPerfunctory: {OnPerfunctory, func(_ *Watched, a *Act, _ item) string {
		return fmt.Sprintf("第%d次认定敷衍,责令重新办理:%s,请于%s前重新答复", a.Step, a.Words, moment(a.AnswerBy))
	}, always(handlers | heads)},
	ActOverdue:    {OnOverdue, overdueWords, overdueTo},
	ActUndecided:  {OnUndecided, undecidedWords, stepped(officers, leaders)},
	ActEscalate:   {OnMajor, plainly("紧急事项逾时无人确认,升级为重大事项,呼叫带班领导"), always(leaders)},
	ActOnCall:     {OnUnitCalled, plainly("非工作时段突发诉求,呼叫承办单位值班人员"), always(onCall)},
	ActOnCallLate: {OnMajor, plainly("承办单位值班人员逾时未确认,升级呼叫带班领导"), always(leaders)},
	ActOffer:      {OnSuperviseOffer, func(_ *Watched, _ *Act, it item) string { return "建议督办:" + it.offer }, always(officers)},
	SuperSource:   {OnSupervised, supervised("领导批办或上级交办"), always(handlers | heads)},
	SuperUrges:    {OnSupervised, supervised("催办未果"), always(handlers | heads)},
	SuperOverdue:  {OnSupervised, supervised("未按时办结"), always(handlers | heads)},
	SuperRedo:     {OnSupervised, supervised("再次发回重办"), always(handlers | heads)},
	SuperReturns:  {OnSupervised, supervised("多次退回,协调定牵头"), always(handlers | heads | officers)},
	SuperHand:     {OnSupervised, supervised(""), always(handlers | heads)},
}

func plainly(words string) func(*Watched, *Act, item) string {
	return func(*Watched, *Act, item) string { return words }
}

func always(to audience) func(*Watched, item) audience {
	return func(*Watched, item) audience { return to }
}

// stepped tells more people the second time.
func stepped(first, then audience) func(*Watched, item) audience {
	return func(_ *Watched, it item) audience {
		if it.step > 1 {
			return first | then
		}
		return first
	}
}

// overdueWords name who has to see to it that the citizen is answered (ZZ-21).
func overdueWords(w *Watched, _ *Act, _ item) string {
	text := "期限" + w.Due.Words() + "已过,尚未办结"
	if w.follows {
		text += ",请首接人" + w.Owner + "向来话人反馈"
	}
	return text
}

// overdueTo: the unit and its head (ZZ-7.3), and where somebody follows it they (ZZ-21); the officers on duty where no unit has the
// order, and the leader where a promise to the citizen was broken.
func overdueTo(w *Watched, _ item) audience {
	to := handlers | heads
	if w.Unit == "" {
		to = officers
	}
	if w.promised {
		to |= leaders
	}
	if w.follows {
		to |= owners
	}
	return to
}

func urgeWords(_ *Watched, a *Act, _ item) string {
	text := fmt.Sprintf("第%d次催办(%s)", a.Step, a.Serial)
	if a.Words != "" {
		text += ":" + a.Words
	}
	return text + ",请于" + moment(a.AnswerBy) + "前处理反馈"
}

func undecidedWords(w *Watched, a *Act, _ item) string {
	what := "退单申请"
	for _, r := range w.Reviews {
		if !r.AskedAt.Equal(a.About) {
			continue
		}
		if r.Kind == ForExtension {
			what = "延期申请"
		} else if words, put := askKinds[r.Kind]; put {
			what = words
		}
	}
	text := moment(a.About) + "的" + what + "尚未审批"
	if !w.Due.At.IsZero() {
		text += ",期限" + w.Due.Words()
	}
	return text
}

func supervised(why string) func(*Watched, *Act, item) string {
	return func(_ *Watched, a *Act, _ item) string {
		parts := []string{Modes[a.Mode] + "(" + a.Serial + ")"}
		for _, s := range []string{why, a.Words} {
			if s != "" {
				parts = append(parts, s)
			}
		}
		text := strings.Join(parts, ":")
		if !a.AnswerBy.IsZero() {
			text += ",请于" + moment(a.AnswerBy) + "前报告"
		}
		return text
	}
}

// moment is a time as people say it: the last day, or day and time.
func moment(t time.Time) string { return Deadline{At: t}.Words() }

// perform does one act: its row, its event, its texts, and the flag of a 督办. What another
// sweep did before it is only taken note of.
func (u *unit) perform(w *Watched, it item) error {
	a := Act{ID: u.id(), Order: w.Number, Attempt: w.attempt(), Kind: it.kind, Unit: it.unit, About: it.about, Step: it.step,
		Rule: it.rule, Actor: "system", Mode: it.mode, DueAt: it.at, At: u.now}
	return u.enact(w, &a, it)
}

// enact writes an act that somebody or the clock decided on.
func (u *unit) enact(w *Watched, a *Act, it item) error {
	d := tellings[a.Kind]
	if it.answer.N > 0 {
		a.AnswerBy = u.office.calendar().Add(u.now, it.answer).At.UTC()
	}
	if err := u.number(w, a); err != nil {
		return err
	}
	w.follows = w.Owner != "" && u.office.policy.Life.FollowRule != ""
	w.promised = w.Due.Rule != "" && w.Due.Rule == u.office.policy.PromiseRule
	fresh, err := u.InsertAct(*a)
	w.Acts = append(w.Acts, *a)
	if err != nil || !fresh {
		return err
	}
	words := d.words(w, a, it)
	if err := u.event(Event{Number: w.Number, Actor: a.Actor, Kind: d.event, Rule: a.Rule, Text: words}); err != nil {
		return err
	}
	if a.Kind.Supervises() && !w.Supervised {
		w.Supervised = true
		if err := u.SaveOrder(&w.Order); err != nil {
			return err
		}
	}
	return u.textAct(w, a, words)
}

// number gives 催办 and 督办 theirs (KF-3.3.1, KF-3.3.2): a 催办 within its order, a 督办
// within the year.
func (u *unit) number(w *Watched, a *Act) error {
	switch {
	case a.Kind == ActUrge:
		n := 1
		for _, b := range w.Acts {
			if b.Kind == ActUrge {
				n++
			}
		}
		a.Serial = fmt.Sprintf("%s催%d", a.Order, n)
	case a.Kind.Supervises():
		year := u.now.In(Place).Format("2006")
		n, err := u.NextSerial("supervise:" + year)
		if err != nil {
			return fmt.Errorf("next serial: %w", err)
		}
		a.Serial = fmt.Sprintf("督%s-%04d", year, n)
	}
	return nil
}

// noticeText is the text of an act where the policy has none.
const noticeText = "工单{number}:{matter}。"

// textAct tells the people of an act. At night only a major matter is told, and only its
// text goes before others and may be confirmed by 收到.
func (u *unit) textAct(w *Watched, a *Act, words string) error {
	p := u.office.policy
	template, at := p.Texts.Notice, p.Watch.Hours.Next(u.now)
	if template == "" {
		template = noticeText
	}
	kind := sms.KindNotice
	loud := a.Kind == ActEscalate || a.Kind == ActOnCall || a.Kind == ActOnCallLate
	if loud {
		template, at, kind = p.Texts.Urgent, u.now, sms.KindDuty
	}
	if a.Kind == ActOnCall {
		template = onCallText
	}
	slots := w.slots()
	slots["matter"] = words
	to := tellings[a.Kind].to(w, item{step: a.Step})
	phones := u.phones(to, a.Unit)
	if owner := u.office.ownerPhone(w.Owner); to&owners != 0 && owner != "" && !slices.Contains(phones, owner) {
		phones = append(phones, owner)
	}
	for _, phone := range phones {
		m := sms.Message{Key: fmt.Sprintf("act:%s:%s", a.ID, phone), Kind: kind, Ref: w.Number, To: phone,
			Text: fill(template, slots), Priority: replyPriority, NotBefore: at}
		if loud {
			m.Priority = firstPriority
		}
		if err := u.send(m); err != nil {
			return err
		}
	}
	return nil
}

// phones lists an audience's, each once.
func (u *unit) phones(to audience, id string) (list []string) {
	seen := map[string]bool{"": true}
	add := func(phone string) {
		if !seen[phone] {
			seen[phone] = true
			list = append(list, phone)
		}
	}
	if unit, ok := u.office.unitOf(id); ok {
		for _, p := range unit.Handlers {
			if p.Head && to&heads != 0 || !p.Head && to&handlers != 0 {
				add(p.Mobile)
			}
		}
		for _, p := range unit.OnCall() {
			if to&onCall != 0 {
				add(p.Mobile)
			}
		}
	}
	shift := u.office.shift(u.now)
	for _, group := range []struct {
		in  audience
		who []Officer
	}{{officers, shift.Duty}, {leaders, shift.Leader}} {
		for _, o := range group.who {
			if to&group.in != 0 {
				add(o.Phone)
			}
		}
	}
	return list
}
