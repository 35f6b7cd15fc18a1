package console

import (
	"net/http"
	"slices"
	"time"

	"hotline/dispatch"
)

// handoverSubject is what the audit keeps hand-overs of the duty under.
const handoverSubject = "duty"

type handoverView struct {
	At    *time.Time `json:"at"`
	Actor string     `json:"actor"`
	Text  string     `json:"text"`
}

// handOver notes what one officer on duty leaves to the next. It is an entry of the audit,
// so that nobody changes it afterwards.
func (c *Console) handOver(w http.ResponseWriter, r request) error {
	var in struct {
		Text string `json:"text"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	a := dispatch.Audit{Actor: r.actor(), Act: dispatch.ActHandOver, Subject: handoverSubject, Text: in.Text}
	if err := c.cfg.Office.Audit(r.Context(), a); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// handovers lists the last ones, newest first. They may be about anybody: numbers of
// informants are hidden in them (KF-3.1.5).
func (c *Console) handovers(w http.ResponseWriter, r request) error {
	f, err := filter(r)
	if err != nil {
		return err
	}
	rows, err := c.cfg.Record.Audits(r.Context(), handoverSubject)
	if err != nil {
		return err
	}
	h := c.hider()
	slices.Reverse(rows)
	rows = rows[min(f.Offset, len(rows)):]
	return send(w, http.StatusOK, paged(f, rows[:min(f.Limit, len(rows))], func(a dispatch.Audit) handoverView {
		return handoverView{At: moment(a.At), Actor: a.Actor, Text: h.spoken(r.Context(), a.Text)}
	}))
}
