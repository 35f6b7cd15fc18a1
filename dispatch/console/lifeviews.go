package console

import (
	"net/http"
	"time"

	"hotline/dispatch"
)

type assignmentView struct {
	ID          string     `json:"id"`
	Attempt     int        `json:"attempt"`
	Unit        string     `json:"unit"`
	Lead        bool       `json:"lead"`
	Copy        string     `json:"copy"` // why the unit only reads: dual, notice, report
	Coordinated bool       `json:"coordinated"`
	Way         string     `json:"way"`
	Words       string     `json:"words"`
	By          string     `json:"by"`
	Dispatched  *time.Time `json:"dispatched_at"`
	First       *time.Time `json:"first_at"`
	SignBy      *time.Time `json:"sign_by"`
	Signed      *time.Time `json:"signed_at"`
	SignedBy    string     `json:"signed_by"`
	Due         *time.Time `json:"due"`
	DueText     string     `json:"due_text"`
	DueRule     string     `json:"due_rule"`
	Extensions  int        `json:"extensions"`
	Submitted   *time.Time `json:"submitted_at"`
	Answer      string     `json:"answer"` // JSON as it was submitted
	EndedAt     *time.Time `json:"ended_at"`
	Ended       string     `json:"ended"`
}

func viewAssignment(a dispatch.Assignment, o dispatch.Order) assignmentView {
	return assignmentView{ID: a.ID, Attempt: a.Attempt, Unit: a.Unit, Lead: a.Lead, Copy: a.Copy, Coordinated: a.Coordinated, Way: a.Way,
		Words: conceal(a.Words, o), By: conceal(a.By, o), Dispatched: moment(a.DispatchedAt), First: moment(a.FirstAt), SignBy: moment(a.SignBy),
		Signed: moment(a.SignedAt), SignedBy: a.SignedBy, Due: moment(a.Due.At), DueText: a.Due.Words(), DueRule: a.Due.Rule,
		Extensions: a.Extensions, Submitted: moment(a.SubmittedAt), Answer: conceal(a.Answer, o), EndedAt: moment(a.EndedAt), Ended: a.Ended}
}

// assignments lists the units' parts in an order, those that ended too.
func (c *Console) assignments(w http.ResponseWriter, r request) error {
	o, err := c.cfg.Record.OrderBy(r.Context(), r.PathValue("number"))
	if err != nil {
		return err
	}
	rows, err := c.cfg.Record.Assignments(r.Context(), dispatch.AssignmentFilter{Order: o.Number, Limit: maxLimit})
	if err != nil {
		return err
	}
	o = c.asShown(r, o)
	list := page[assignmentView]{Items: []assignmentView{}}
	for _, a := range rows {
		list.Items = append(list.Items, viewAssignment(a, o))
	}
	return send(w, http.StatusOK, list)
}

type tieView struct {
	Order string     `json:"order"`
	Kind  string     `json:"kind"` // child, repeat: what order is to other
	Other string     `json:"other"`
	Actor string     `json:"actor"`
	At    *time.Time `json:"at"`
}

// ties lists what an order is to others, and they to it; of these a unit gets to know its
// own (ZZ-10.8).
func (c *Console) ties(w http.ResponseWriter, r request) error {
	o, err := c.cfg.Record.OrderBy(r.Context(), r.PathValue("number"))
	if err != nil {
		return err
	}
	rows, err := c.cfg.Record.Links(r.Context(), o.Number)
	if err != nil {
		return err
	}
	list := page[tieView]{Items: []tieView{}}
	for _, l := range rows {
		other := l.Other
		if other == o.Number {
			other = l.Order
		}
		has, err := c.has(r, other)
		if err != nil {
			return err
		}
		if !has {
			continue
		}
		list.Items = append(list.Items, tieView{Order: l.Order, Kind: l.Kind, Other: l.Other, Actor: l.Actor, At: moment(l.At)})
	}
	return send(w, http.StatusOK, list)
}

// Tracking says how orders stand with their units; *dispatch.Office does.
type Tracking interface {
	Standing(o dispatch.Order) string
}

// workView is a page of a work list: the next begins behind its last order.
type workView struct {
	Items []orderView `json:"items"`
	After string      `json:"after"` // give it back as after=; empty: this is the end
}

// work lists orders that somebody has to handle, the nearest deadline first: unit= (or
// hotline=true for those with no unit), state=, due_before=, supervised=true narrow it.
func (c *Console) work(w http.ResponseWriter, r request) error {
	f, err := filter(r, "unit", "hotline", "state", "due_before", "supervised", "enterprise", "after")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	wf := dispatch.WorkFilter{Unit: q.Get("unit"), Hotline: q.Get("hotline") == "true", State: dispatch.State(q.Get("state")),
		Supervised: q.Get("supervised") == "true", Enterprise: q.Get("enterprise") == "true", Limit: f.Limit}
	if r.unit != "" {
		wf.Unit = r.unit // whatever was asked for
	}
	if due := q.Get("due_before"); due != "" {
		if wf.DueBefore, err = time.Parse(time.RFC3339, due); err != nil {
			return problem{Status: http.StatusBadRequest, Detail: "参数 due_before 有误,如 2026-11-23T16:00:00Z", Field: "due_before", Cause: err}
		}
	}
	if after := q.Get("after"); after != "" {
		if r.unit != "" { // another unit's order does not exist (ZZ-10.8)
			err = c.ofUnit(r, after)
		}
		if err == nil {
			wf.After, err = c.cfg.Record.OrderBy(r.Context(), after)
		}
		if err != nil {
			return problem{Status: http.StatusBadRequest, Detail: "参数 after 有误", Field: "after", Cause: err}
		}
	}
	rows, err := c.cfg.Record.Work(r.Context(), wf)
	if err != nil {
		return err
	}
	view := workView{Items: []orderView{}}
	for i, o := range rows {
		if i == f.Limit-1 {
			view.After = rows[i-1].Number
			break
		}
		view.Items = append(view.Items, c.orderView(r, o))
	}
	return send(w, http.StatusOK, view)
}

// lifeView is what an order's view shows of its life with its units.
type lifeView struct {
	StateText  string     `json:"state_text"`
	Standing   string     `json:"standing"` // overdue, due_soon, unsigned, of one that a unit has (ZZ-3.2)
	Unit       string     `json:"unit"`
	Source     string     `json:"source"`
	Category   string     `json:"category"`
	Upper      string     `json:"upper"`
	UpperDue   *time.Time `json:"upper_due"`
	Owner      string     `json:"owner"`
	Enterprise bool       `json:"enterprise"`
	Tier       int        `json:"tier"`
	Points     int        `json:"points"`
	Parent     string     `json:"parent"`
	Repeats    int        `json:"repeats"`
	NoReply    string     `json:"no_reply"`
	ReplyMode  string     `json:"reply_mode"`
	Withdrawn  bool       `json:"withdrawn"`
	Supervised bool       `json:"supervised"`
	Returns    int        `json:"returns"`
	Rounds     int        `json:"rounds"`
	Contacted  *time.Time `json:"contacted_at"`
	Submitted  *time.Time `json:"submitted_at"`
}

func (c *Console) viewLife(o dispatch.Order) lifeView {
	return lifeView{StateText: dispatch.StateWords[o.State], Standing: c.cfg.Office.Standing(o), Unit: o.Unit, Source: o.Source, Category: o.Category, Upper: o.Upper, UpperDue: moment(o.UpperDue), Owner: o.Owner, Enterprise: o.Enterprise,
		Tier: o.Tier, Points: o.Points, Parent: o.Parent, Repeats: o.Repeats, NoReply: o.NoReply, ReplyMode: o.ReplyMode, Withdrawn: o.Withdrawn,
		Supervised: o.Supervised, Returns: o.Returns, Rounds: o.Rounds, Contacted: moment(o.ContactedAt), Submitted: moment(o.SubmittedAt)}
}
