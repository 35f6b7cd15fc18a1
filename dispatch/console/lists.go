package console

import (
	"net/http"
	"strings"

	"hotline/dispatch"
	"hotline/sms"
)

// calls lists calls, newest first.
func (c *Console) calls(w http.ResponseWriter, r request) error {
	f, err := filter(r)
	if err != nil {
		return err
	}
	rows, err := c.cfg.Record.Calls(r.Context(), f)
	if err != nil {
		return err
	}
	order := func(call dispatch.Call) string { return call.Order }
	return send(w, http.StatusOK, paged(f, rows, hiding(r.Context(), c.hider(), order, viewCall)))
}

// call shows one call with its timeline.
func (c *Console) call(w http.ResponseWriter, r request) error {
	call, err := c.cfg.Record.CallBy(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	hidden := c.hider().order(r.Context(), call.Order)
	view := viewCall(call, hidden)
	view.Steps = []stepView{}
	for _, s := range call.Steps {
		view.Steps = append(view.Steps, stepView{At: moment(s.At), What: s.What, Text: scrub(s.Text, hidden)})
	}
	return send(w, http.StatusOK, view)
}

// messages lists texts that went out or wait to, newest first.
func (c *Console) messages(w http.ResponseWriter, r request) error {
	f, err := filter(r)
	if err != nil {
		return err
	}
	rows, err := c.cfg.Record.Messages(r.Context(), f)
	if err != nil {
		return err
	}
	h := c.hider()
	return send(w, http.StatusOK, paged(f, rows, func(m sms.Message) messageView {
		receiver, matter := h.message(r.Context(), m)
		return viewMessage(m, receiver, matter)
	}))
}

// inbound lists texts that came in, newest first.
func (c *Console) inbound(w http.ResponseWriter, r request) error {
	f, err := filter(r)
	if err != nil {
		return err
	}
	if f.Order != "" { // texts that come in name no order; leaving it out would mean all of them
		return problem{Status: http.StatusBadRequest, Detail: "参数 order 有误"}
	}
	rows, err := c.cfg.Record.Inbounds(r.Context(), f)
	if err != nil {
		return err
	}
	h := c.hider()
	return send(w, http.StatusOK, paged(f, rows, func(in sms.Inbound) inboundView {
		return viewInbound(in, h.phone(r.Context(), in.From))
	}))
}

// surveys lists surveys, newest first; open=true only those not settled.
func (c *Console) surveys(w http.ResponseWriter, r request) error {
	f, err := filter(r)
	if err != nil {
		return err
	}
	rows, err := c.cfg.Record.Surveys(r.Context(), f)
	if err != nil {
		return err
	}
	order := func(s dispatch.Survey) string { return s.Order }
	return send(w, http.StatusOK, paged(f, rows, hiding(r.Context(), c.hider(), order, viewSurvey)))
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
	return send(w, http.StatusOK, paged(f, rows, hiding(r.Context(), c.hider(), order, viewCallback)))
}

// callbackPhone tells the number to dial, to whoever leaves their name on the order for
// it. It is a POST because it is recorded, and because answers to it are not kept.
func (c *Console) callbackPhone(w http.ResponseWriter, r request) error {
	if err := receive(w, r, &struct{}{}); err != nil {
		return err
	}
	task, err := c.openCallback(r)
	if err != nil {
		return err
	}
	if c.hider().order(r.Context(), task.Order) {
		return problem{Status: http.StatusForbidden, Detail: "保密件不显示诉求人号码(KF-3.1.5)"}
	}
	if err := c.cfg.Office.Note(r.Context(), task.Order, r.actor(), "查看回访号码"); err != nil {
		return err
	}
	return send(w, http.StatusOK, map[string]string{"phone": task.Phone})
}

// openCallback finds a callback that is still to be done.
func (c *Console) openCallback(r request) (dispatch.Callback, error) {
	id := r.PathValue("id")
	for f := (dispatch.Filter{Open: true, Limit: 1000}); ; f.Offset += f.Limit {
		rows, err := c.cfg.Record.Callbacks(r.Context(), f)
		if err != nil {
			return dispatch.Callback{}, err
		}
		for _, b := range rows {
			if b.ID == id {
				return b, nil
			}
		}
		if len(rows) < f.Limit {
			return dispatch.Callback{}, problem{Status: http.StatusNotFound, Detail: "没有这个待办回访"}
		}
	}
}

// finishCallback notes one call back: reached with the reason, or not reached.
func (c *Console) finishCallback(w http.ResponseWriter, r request) error {
	var in struct {
		Reached bool   `json:"reached"`
		Reason  string `json:"reason"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	if in.Reached && strings.TrimSpace(in.Reason) == "" {
		return invalid("已接通时请登记原因(ZQ-15.5)")
	}
	task, err := c.cfg.Office.FinishCallback(r.Context(), r.PathValue("id"),
		dispatch.Called{Actor: r.actor(), Reached: in.Reached, Reason: in.Reason})
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, viewCallback(task, c.hider().order(r.Context(), task.Order)))
}
