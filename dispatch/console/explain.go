package console

import (
	"context"
	"net/http"
	"time"

	"hotline/dispatch"
)

// Explaining says why an order is where it is; *dispatch.Office does it.
type Explaining interface {
	Explain(ctx context.Context, number string) (dispatch.Explanation, error)
}

// ExplainView is an order's explanation, as it may be shown to its citizen.
type ExplainView struct {
	Number    string        `json:"number"`
	StateText string        `json:"state_text"`
	TypeText  string        `json:"type_text"`
	Parts     []ExplainPart `json:"parts"`
}

// ExplainPart is one question and its answers.
type ExplainPart struct {
	Title   string          `json:"title"`
	Reasons []ExplainReason `json:"reasons"`
}

// ExplainReason is one answer.
type ExplainReason struct {
	At     *time.Time `json:"at"` // when it was decided, or until when it holds
	Text   string     `json:"text"`
	Rule   string     `json:"rule"`
	Clause string     `json:"clause"` // the rule in words; empty where it is not known
	Steps  []string   `json:"steps"`  // how a deadline was counted, day by day
}

// explain says every decision about an order with its clause. Numbers in what people wrote
// are masked as everywhere; of a confidential order nothing that anybody wrote is in it.
func (c *Console) explain(w http.ResponseWriter, r request) error {
	x, err := c.cfg.Office.Explain(r.Context(), r.PathValue("number"))
	if err != nil {
		return err
	}
	o := c.asShown(r, x.Order)
	view := ExplainView{Number: o.Number, StateText: dispatch.StateWords[o.State], TypeText: dispatch.TypeWords[o.Type], Parts: []ExplainPart{}}
	for _, s := range x.Sections {
		part := ExplainPart{Title: s.Title, Reasons: []ExplainReason{}}
		for _, reason := range s.Reasons {
			part.Reasons = append(part.Reasons, ExplainReason{At: moment(reason.At), Text: conceal(reason.Text, o), Rule: reason.Rule,
				Clause: c.cfg.Clause(reason.Rule), Steps: append([]string{}, reason.Steps...)})
		}
		view.Parts = append(view.Parts, part)
	}
	return send(w, http.StatusOK, view)
}
