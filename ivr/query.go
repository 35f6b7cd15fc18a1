package ivr

import (
	"context"
	"errors"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
)

// queryNode tells a caller what became of an order, for its number and the four-digit
// code (ZZ-18.3), at any hour. So many wrong tries as the profile allows lead to a
// person; the office locks the order's query by itself. A confidential order answers
// with one sentence and nothing else.
//
//	query: {verb: query, human: reception, then: end}
type queryNode struct{ human, then Exit }

func readQuery(o *object) verb {
	return &queryNode{human: o.exit("human", "转人工"), then: o.optionalExit("then", "查询后")}
}

func (n *queryNode) exits() []Exit     { return present(n.human, n.then) }
func (n *queryNode) prompts() []string { return nil }

// The length of an order number on the phone: 12 digits, 13 on a very busy day.
const (
	minOrderDigits = 12
	maxOrderDigits = 13
)

func (n *queryNode) run(v *visit) (string, error) {
	if v.r.cfg.Inquiry == nil {
		return n.human.To, v.say(promptQueryUnavailable)
	}
	for try := 1; ; try++ {
		number, pin, err := n.ask(v)
		if err != nil {
			return "", err
		}
		if number == "" {
			return n.human.To, v.say(promptToPerson)
		}
		answer, err := whileHere(v, budgetCaller, func(ctx context.Context) (dispatch.Answer, error) {
			return v.r.cfg.Inquiry.Query(ctx, number, pin)
		})
		if gone := v.gone(); gone != nil {
			return "", gone
		}
		switch {
		case err == nil:
			return n.answered(v, answer)
		case errors.Is(err, dispatch.ErrWrong) && try < v.r.cfg.Profile.Query.Tries:
			v.step("query", "工单号或查询码不正确")
			if err := v.say(promptQueryWrong); err != nil {
				return "", err
			}
		case errors.Is(err, dispatch.ErrWrong), errors.Is(err, dispatch.ErrLocked):
			v.step("query", "错误次数过多,查询已锁定,转人工")
			v.r.cfg.Observe(Happening{What: "query", Outcome: "locked"})
			return n.human.To, v.say(promptQueryLocked)
		default:
			v.log.Warn("query failed", "err", err)
			v.r.cfg.Observe(Happening{What: "query", Outcome: "failed"})
			return n.human.To, v.say(promptQueryUnavailable)
		}
	}
}

// ask takes number and code; an empty number means that the caller needs a person.
func (n *queryNode) ask(v *visit) (number, pin string, err error) {
	number, err = n.digits(v, ask{prompts: []string{promptQueryNumber}, min: minOrderDigits, max: maxOrderDigits, finish: "#"})
	if err != nil || number == "" {
		return "", "", err
	}
	digits := v.r.cfg.Profile.Query.PIN
	pin, err = n.digits(v, ask{prompts: []string{promptQueryPIN}, min: digits, max: digits, finish: "#"})
	return number, pin, err
}

// digits asks for a number, once more if nothing or too little came. What is too
// short the second time is taken as it is: the office will say that it is wrong.
func (n *queryNode) digits(v *visit, a ask) (string, error) {
	a.valid = "0123456789" + a.finish
	for range v.r.cfg.Profile.Menu.NoKey {
		g, err := v.gather(a)
		if err != nil {
			return "", err
		}
		if g.End == asterisk.GatherDone || g.End == asterisk.GatherPartial && g.Digits != "" {
			return g.Digits, nil
		}
		a.prompts = append([]string{promptNoKey}, a.prompts[len(a.prompts)-1])
	}
	return "", nil
}

// answered reads the answer out.
func (n *queryNode) answered(v *visit, a dispatch.Answer) (string, error) {
	v.note(func(c *dispatch.Call) {
		c.Outcome = outcomeQuery
		if a.Number != "" {
			c.Order = a.Number
		}
	})
	v.step("query", "查询成功")
	v.r.cfg.Observe(Happening{What: "query", Outcome: "answered"})
	if a.Confidential {
		return n.end(v, v.say(promptQueryConfidential))
	}
	if err := v.speak(v.result(a)); err != nil {
		return "", err
	}
	return n.end(v, v.readOut(a.Result))
}

// end goes on where the flow says, or says goodbye.
func (n *queryNode) end(v *visit, err error) (string, error) {
	if err != nil || n.then.To != "" {
		return n.then.To, err
	}
	return "", v.say(promptGoodbye)
}

// result is the sentence for an order's state.
func (v *visit) result(a dispatch.Answer) phrase {
	id, known := resultPrompts[a.State]
	if !known {
		if v.r.cfg.Clock.Now().After(a.Due.At) && !a.Due.At.IsZero() {
			return phrase{id: promptQueryOverdue}
		}
		return phrase{id: promptQueryRegistered, slots: Slots{"due": lastDay(a.Due.At)}}
	}
	return phrase{id: id, slots: Slots{"date": a.CompletedAt.In(shanghai).Format(time.DateOnly)}}
}

// resultPrompts are the sentences by state; a state that is not here is being handled.
var resultPrompts = map[dispatch.State]string{
	dispatch.Completed: promptQueryCompleted, dispatch.Surveyed: promptQuerySurveyed,
	dispatch.CallBack: promptQueryCallback, dispatch.Archived: promptQueryArchived,
	dispatch.Transferred: promptQueryArchived, dispatch.OutOfScope: promptQueryArchived,
}

// lastDay is the day a deadline falls on: one that ends at 24:00 is that day's, though
// the clock already shows the next.
func lastDay(due time.Time) string {
	return due.In(shanghai).Add(-time.Second).Format(time.DateOnly)
}

// Narrator knows free texts that were put into sound when they were written.
type Narrator interface {
	// Recall looks a text up; it renders nothing and does not block.
	Recall(lang, text string) (Speech, bool)
}

// readOut reads a handler's answer to the caller, if it has been put into sound.
// Without that the caller has it by text (ZZ-18.4).
func (v *visit) readOut(text string) error {
	if v.r.cfg.Narrator == nil || text == "" {
		return nil
	}
	speech, ok := v.r.cfg.Narrator.Recall(v.r.cfg.Profile.Language, text)
	if !ok {
		return nil
	}
	whole := v.compose(phrase{id: promptQueryAnswer})
	whole.Sounds = append(whole.Sounds, speech.Sounds...)
	whole.Length += speech.Length
	v.step("say", "播报答复内容")
	played, err := v.phone.Play(v.live, v.playback(whole))
	if gone := v.gone(); gone != nil {
		return gone
	}
	v.checkPlayed([]phrase{{id: promptQueryAnswer}}, played, err)
	return nil
}
