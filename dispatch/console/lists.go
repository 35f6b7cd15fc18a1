package console

import (
	"net/http"

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
	h := c.hider()
	return send(w, http.StatusOK, paged(f, rows, func(call dispatch.Call) callView {
		return viewCall(call, h.call(r.Context(), call))
	}))
}

// call shows one call with its timeline.
func (c *Console) call(w http.ResponseWriter, r request) error {
	call, err := c.cfg.Record.CallBy(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, viewSteps(call, c.hider().call(r.Context(), call)))
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
		return viewInbound(in, h.inbound(r.Context(), in))
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
