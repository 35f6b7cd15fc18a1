package console

import (
	"net/http"
	"time"

	"hotline/dispatch"
)

type callbackView struct {
	ID           string     `json:"id"`
	Order        string     `json:"order"`
	Attempt      int        `json:"attempt"`
	Phone        string     `json:"phone"`
	Rating       int        `json:"rating"` // 0: the call is to ask for it
	Voice        bool       `json:"voice"`  // the hotline itself calls
	Opened       *time.Time `json:"opened_at"`
	Attempts     int        `json:"attempts"`
	Days         int        `json:"days"`
	Tried        *time.Time `json:"tried_at"`
	Next         *time.Time `json:"next_at"` // nobody calls before
	Due          *time.Time `json:"due_at"`
	Overdue      bool       `json:"overdue"`
	ClaimedBy    string     `json:"claimed_by"` // empty when nobody is at it now
	ClaimedUntil *time.Time `json:"claimed_until"`
	Reason       string     `json:"reason"`
	Done         *time.Time `json:"done_at"`
	DoneBy       string     `json:"done_by"`
}

func (c *Console) viewCallback(b dispatch.Callback, o dispatch.Order) callbackView {
	now := c.cfg.Now()
	v := callbackView{ID: b.ID, Order: b.Order, Attempt: b.Attempt, Phone: phone(b.Phone, o.Confidential), Rating: b.Rating, Voice: b.Voice, Opened: moment(b.OpenedAt),
		Attempts: b.Attempts, Days: b.Days, Tried: moment(b.TriedAt), Next: moment(b.NextAt), Due: moment(b.DueAt),
		Overdue: b.DoneAt.IsZero() && !b.DueAt.IsZero() && now.After(b.DueAt),
		Reason:  conceal(b.Reason, o), Done: moment(b.DoneAt), DoneBy: b.DoneBy}
	if now.Before(b.ClaimedUntil) {
		v.ClaimedBy, v.ClaimedUntil = b.ClaimedBy, moment(b.ClaimedUntil)
	}
	return v
}

// callbacks lists the citizens to call back (ZQ-15.5); open=true only those still to do.
func (c *Console) callbacks(w http.ResponseWriter, r request) error {
	f, err := filter(r)
	if err != nil {
		return err
	}
	rows, err := c.cfg.Record.Callbacks(r.Context(), f)
	if err != nil {
		return err
	}
	order := func(b dispatch.Callback) string { return b.Order }
	return send(w, http.StatusOK, paged(f, rows, hiding(r.Context(), c.hider(), order, c.viewCallback)))
}

// claimCallback gives a task to who asks, so that no other agent calls the same citizen.
func (c *Console) claimCallback(w http.ResponseWriter, r request) error {
	if err := receive(w, r, &struct{}{}); err != nil {
		return err
	}
	task, err := c.cfg.Office.ClaimCallback(r.Context(), r.PathValue("id"), r.actor())
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, c.viewCallback(task, c.hider().order(r.Context(), task.Order)))
}

// callbackPhone tells the number to dial, to whoever claims the task and leaves their name
// on the order for it. It needs a reason, and is a POST because it is recorded, and because answers to it are
// not kept.
func (c *Console) callbackPhone(w http.ResponseWriter, r request) error {
	reason, err := reasoned(w, r)
	if err != nil {
		return err
	}
	task, err := c.cfg.Record.CallbackBy(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if c.hider().order(r.Context(), task.Order).Confidential {
		return errInformant
	}
	if task, err = c.cfg.Office.ClaimCallback(r.Context(), task.ID, r.actor()); err != nil {
		return err
	}
	if err := c.seen(r, task.Order, reason); err != nil {
		return err
	}
	return send(w, http.StatusOK, map[string]string{"phone": task.Phone})
}

// finishCallback notes one call back: reached with the reason, or not reached.
func (c *Console) finishCallback(w http.ResponseWriter, r request) error {
	var in struct {
		Reached   bool   `json:"reached"`
		Rating    int    `json:"rating"`
		Reason    string `json:"reason"`
		NoReason  bool   `json:"no_reason"`
		UnitFault bool   `json:"unit_fault"`
		Exception struct {
			Rule     string `json:"rule"`
			Fact     string `json:"fact"`
			Evidence string `json:"evidence"`
		} `json:"exception"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	task, err := c.cfg.Office.FinishCallback(r.Context(), r.PathValue("id"), dispatch.Called{Actor: r.actor(), Reached: in.Reached, Rating: in.Rating,
		Reason: in.Reason, NoReason: in.NoReason, UnitFault: in.UnitFault, Exception: dispatch.Claim(in.Exception)})
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, c.viewCallback(task, c.hider().order(r.Context(), task.Order)))
}
