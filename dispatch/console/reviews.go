package console

import (
	"context"
	"net/http"
	"slices"
	"time"

	"hotline/dispatch"
)

// Reviewing is what one person asks for and another decides; *dispatch.Office does it.
type Reviewing interface {
	AskReview(ctx context.Context, r dispatch.Review, version int) (dispatch.Review, error)
	DecideReview(ctx context.Context, id string, d dispatch.Decision) (dispatch.Review, error)
	Satisfaction(ctx context.Context, from, to time.Time) (dispatch.Satisfaction, error)
	Archiving
	// Figures is a table of a span of time; see dispatch.Office.
	Figures(ctx context.Context, kind dispatch.FigureKind, from, to time.Time) ([][]string, error)
}

type reviewView struct {
	ID        string     `json:"id"`
	Order     string     `json:"order"`
	Attempt   int        `json:"attempt"`
	Kind      string     `json:"kind"` // correction, redo, exception
	Rule      string     `json:"rule"`
	Rating    int        `json:"rating"`
	Fact      string     `json:"fact"`
	Reason    string     `json:"reason"`
	Evidence  string     `json:"evidence"`
	AskedBy   string     `json:"asked_by"`
	Asked     *time.Time `json:"asked_at"`
	Approved  bool       `json:"approved"`
	Opinion   string     `json:"opinion"`
	DecidedBy string     `json:"decided_by"`
	Decided   *time.Time `json:"decided_at"` // null while it waits
	// Of what units ask for.
	Unit       string     `json:"unit"`
	Code       string     `json:"code"`
	Basis      string     `json:"basis"`
	Suggestion string     `json:"suggestion"`
	Signed     bool       `json:"signed"`
	Due        *time.Time `json:"due"`
}

func viewReview(r dispatch.Review, o dispatch.Order) reviewView {
	return reviewView{ID: r.ID, Order: r.Order, Attempt: r.Attempt, Kind: string(r.Kind), Rule: r.Rule, Rating: r.Rating, Fact: r.Fact,
		Reason: conceal(r.Reason, o), Evidence: conceal(r.Evidence, o), AskedBy: r.AskedBy, Asked: moment(r.AskedAt),
		Approved: r.Approved, Opinion: conceal(r.Opinion, o), DecidedBy: r.DecidedBy, Decided: moment(r.DecidedAt),
		Unit: r.Unit, Code: r.Code, Basis: conceal(r.Basis, o), Suggestion: conceal(r.Suggestion, o), Signed: r.Signed, Due: moment(r.Due)}
}

// reviews lists what was asked to be decided, newest first; open=true only what waits.
func (c *Console) reviews(w http.ResponseWriter, r request) error {
	f, err := filter(r)
	if err != nil {
		return err
	}
	rows, err := c.cfg.Record.Reviews(r.Context(), f)
	if err != nil {
		return err
	}
	order := func(v dispatch.Review) string { return v.Order }
	return send(w, http.StatusOK, paged(f, rows, hiding(r.Context(), c.hider(), order, viewReview)))
}

// askReview asks for a corrected rating (ZQ-15.6) or for the redo a citizen demands (ZQ-15.7).
func (c *Console) askReview(w http.ResponseWriter, r request) error {
	var in struct {
		Kind     dispatch.ReviewKind `json:"kind"`
		Rating   int                 `json:"rating"`
		Reason   string              `json:"reason"`
		Evidence string              `json:"evidence"`
		Version  int                 `json:"version"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	review, err := c.cfg.Office.AskReview(r.Context(), dispatch.Review{Order: r.PathValue("number"), Kind: in.Kind, Rating: in.Rating,
		Reason: in.Reason, Evidence: in.Evidence, AskedBy: r.actor()}, in.Version)
	if err != nil {
		return err
	}
	return send(w, http.StatusCreated, viewReview(review, c.hider().order(r.Context(), review.Order)))
}

// decideReview decides what somebody else asked for.
func (c *Console) decideReview(w http.ResponseWriter, r request) error {
	var in struct {
		Approve bool   `json:"approve"`
		Opinion string `json:"opinion"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	review, err := c.cfg.Office.DecideReview(r.Context(), r.PathValue("id"),
		dispatch.Decision{Actor: r.actor(), Approve: in.Approve, Opinion: in.Opinion})
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, viewReview(review, c.hider().order(r.Context(), review.Order)))
}

type exceptionView struct {
	Rule    string     `json:"rule"`
	Text    string     `json:"text"`
	Type    string     `json:"type"` // the only type of order it is for; empty: all
	Opinion bool       `json:"opinion"`
	Facts   []factView `json:"facts"`
}

type factView struct {
	Fact string `json:"fact"`
	Text string `json:"text"`
}

// exceptions lists the cases an agent can choose of those that are not sent back (ZQ-16).
func (c *Console) exceptions(w http.ResponseWriter, r request) error {
	list := page[exceptionView]{Items: []exceptionView{}}
	for _, e := range dispatch.Exceptions {
		if e.ByItself || !slices.Contains(c.cfg.Exceptions, e.Rule) {
			continue
		}
		v := exceptionView{Rule: e.Rule, Text: e.Words, Type: string(e.Type), Opinion: e.Opinion, Facts: []factView{}}
		for _, f := range e.Facts {
			v.Facts = append(v.Facts, factView{f.Code, f.Words})
		}
		list.Items = append(list.Items, v)
	}
	return send(w, http.StatusOK, list)
}

type satisfactionView struct {
	Rated         int     `json:"rated"`
	Satisfied     int     `json:"satisfied"`
	Excepted      int     `json:"excepted"`
	Corrected     int     `json:"corrected"`
	Rate          float64 `json:"rate"`
	RateWithout   float64 `json:"rate_without_exceptions"`
	CorrectedRate float64 `json:"corrected_rate"`
}

// satisfaction counts the ratings of the orders completed in a month, the present one
// unless month= says another (ZQ-18, Q15).
func (c *Console) satisfaction(w http.ResponseWriter, r request) error {
	if _, err := filter(r, "month"); err != nil {
		return err
	}
	y, m, _ := c.cfg.Now().In(dispatch.Place).Date()
	from := time.Date(y, m, 1, 0, 0, 0, 0, dispatch.Place)
	if month := r.URL.Query().Get("month"); month != "" {
		var err error
		if from, err = time.ParseInLocation("2006-01", month, dispatch.Place); err != nil {
			return problem{Status: http.StatusBadRequest, Detail: "参数 month 有误,如 2026-11", Field: "month"}
		}
	}
	s, err := c.cfg.Office.Satisfaction(r.Context(), from, from.AddDate(0, 1, 0))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, satisfactionView{Rated: s.Rated, Satisfied: s.Satisfied, Excepted: s.Excepted, Corrected: s.Corrected,
		Rate: s.Rate(), RateWithout: s.RateWithoutExceptions(), CorrectedRate: s.CorrectedRate()})
}
