package console

import (
	"context"
	"net/http"
	"time"

	"hotline/dispatch"
)

// Pressing answers what the clock or somebody did to have an order handled; *dispatch.Office
// does it.
type Pressing interface {
	AnswerAct(ctx context.Context, id string, by dispatch.By, answer string) (dispatch.Act, error)
}

type actView struct {
	ID       string     `json:"id"`
	Order    string     `json:"order"`
	Kind     string     `json:"kind"` // urge, supervise_..., spot_check ...
	Unit     string     `json:"unit"`
	Serial   string     `json:"serial"`
	Rule     string     `json:"rule"`
	Actor    string     `json:"actor"`
	Words    string     `json:"words"`
	At       *time.Time `json:"at"`
	AnswerBy *time.Time `json:"answer_by"` // null: nobody has to
	Answer   string     `json:"answer"`
	By       string     `json:"answered_by"`
	Answered *time.Time `json:"answered_at"`
}

func viewAct(a dispatch.Act, o dispatch.Order) actView {
	return actView{ID: a.ID, Order: a.Order, Kind: string(a.Kind), Unit: a.Unit, Serial: a.Serial, Rule: a.Rule, Actor: a.Actor, Words: conceal(a.Words, o),
		At: moment(a.At), AnswerBy: moment(a.AnswerBy), Answer: conceal(a.Answer, o), By: a.AnsweredBy, Answered: moment(a.AnsweredAt)}
}

// acts lists what was done to have orders handled, the newest ones; open=true only what waits
// for an answer.
func (c *Console) acts(w http.ResponseWriter, r request) error {
	f, err := filter(r)
	if err != nil {
		return err
	}
	if f.Offset > 0 {
		return problem{Status: http.StatusBadRequest, Detail: "参数 offset 有误", Field: "offset"}
	}
	rows, err := c.cfg.Record.Acts(r.Context(), dispatch.ActFilter{Order: f.Order, Open: f.Open, Limit: f.Limit - 1})
	if err != nil {
		return err
	}
	order := func(a dispatch.Act) string { return a.Order }
	return send(w, http.StatusOK, paged(f, rows, hiding(r.Context(), c.hider(), order, viewAct)))
}

// answerAct answers one: what came of a 督办 or a 催办 (KF-3.3.2), or a 抽查 (ZZ-11.1).
func (c *Console) answerAct(w http.ResponseWriter, r request) error {
	var in struct {
		Answer string `json:"answer"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	a, err := c.cfg.Office.AnswerAct(r.Context(), r.PathValue("id"), r.by(), in.Answer)
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, viewAct(a, c.hider().order(r.Context(), a.Order)))
}
