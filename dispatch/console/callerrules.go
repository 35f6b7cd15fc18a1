package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"hotline/dispatch"
)

// CallerRules blocks callers, or allows them whatever blocks them; *dispatch.Office does it.
type CallerRules interface {
	AddCallerRule(ctx context.Context, r dispatch.CallerRule) (dispatch.CallerRule, error)
	LiftCallerRule(ctx context.Context, id, actor string) (dispatch.CallerRule, error)
}

// RuleView is a rule about callers as the API shows it.
type RuleView struct {
	ID       string     `json:"id"`
	Number   string     `json:"number"` // masked, but for prefixes too short to be a person's
	Prefix   bool       `json:"prefix"`
	Allow    bool       `json:"allow"`
	Reason   string     `json:"reason"`
	By       string     `json:"by"`
	Created  *time.Time `json:"created_at"`
	Until    *time.Time `json:"until"`
	Lifted   *time.Time `json:"lifted_at"`
	LiftedBy string     `json:"lifted_by"`
	Counts   bool       `json:"counts"` // in force now
}

// NewRule is a rule to be made.
type NewRule struct {
	Number string    `json:"number"`
	Prefix bool      `json:"prefix"`
	Allow  bool      `json:"allow"`
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"`
}

// openPrefix is how long a prefix may be that is shown whole: so many people share it.
const openPrefix = 7

func (c *Console) viewRule(r dispatch.CallerRule) RuleView {
	number := phone(r.Number, false)
	if r.Prefix && len(r.Number) <= openPrefix {
		number = r.Number
	}
	return RuleView{ID: r.ID, Number: number, Prefix: r.Prefix, Allow: r.Allow, Reason: scrub(r.Reason, false), By: r.By,
		Created: moment(r.CreatedAt), Until: moment(r.Until), Lifted: moment(r.LiftedAt), LiftedBy: r.LiftedBy, Counts: r.Counts(c.cfg.Now())}
}

// callerRules lists rules, newest first; open=true only those in force.
func (c *Console) callerRules(w http.ResponseWriter, r request) error {
	f, err := filter(r)
	if err != nil {
		return err
	}
	if f.Order != "" {
		return problem{Status: http.StatusBadRequest, Detail: "参数 order 有误"}
	}
	f.Until = time.Time{}
	if f.Open {
		f.Until = c.cfg.Now()
	}
	rows, err := c.cfg.Record.CallerRules(r.Context(), f)
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, paged(f, rows, c.viewRule))
}

// addCallerRule makes a rule; every controller follows it within seconds.
func (c *Console) addCallerRule(w http.ResponseWriter, r request) error {
	var in NewRule
	if err := receive(w, r, &in); err != nil {
		return err
	}
	rule, err := c.cfg.Office.AddCallerRule(r.Context(), dispatch.CallerRule{Number: in.Number, Prefix: in.Prefix,
		Allow: in.Allow, Reason: in.Reason, By: r.actor(), Until: in.Until})
	if errors.Is(err, dispatch.ErrInvalid) {
		return problem{Status: http.StatusUnprocessableEntity, Detail: err.Error(), Cause: err}
	}
	if err != nil {
		return err
	}
	return send(w, http.StatusCreated, c.viewRule(rule))
}

// liftCallerRule ends a rule before its time.
func (c *Console) liftCallerRule(w http.ResponseWriter, r request) error {
	if err := receive(w, r, &struct{}{}); err != nil {
		return err
	}
	rule, err := c.cfg.Office.LiftCallerRule(r.Context(), r.PathValue("id"), r.actor())
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, c.viewRule(rule))
}
