package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hotline/dispatch"
	"hotline/sms"
)

// orders lists orders, newest first: state=, q= (words of number or summary) narrow it.
func (c *Console) orders(w http.ResponseWriter, r request) error {
	f, err := filter(r, "state", "q")
	if err != nil {
		return err
	}
	f.Unit, f.State, f.Search = r.unit, dispatch.State(r.URL.Query().Get("state")), r.URL.Query().Get("q")
	if numbers.MatchString(f.Search) {
		return problem{Status: http.StatusBadRequest, Detail: "地址里不能有电话号码；按号码查找请用 POST /api/v1/orders/search"}
	}
	return c.sendOrders(w, r, f)
}

func (c *Console) sendOrders(w http.ResponseWriter, r request, f dispatch.Filter) error {
	rows, err := c.cfg.Record.Orders(r.Context(), f)
	if err != nil {
		return err
	}
	list := paged(f, rows, func(o dispatch.Order) orderView { return c.orderView(r, o) })
	list.Items = slices.DeleteFunc(list.Items, func(o orderView) bool { return o.Confidential && !o.shows(f.Search) })
	return send(w, http.StatusOK, list)
}

// shows says whether what was searched for stands in what is shown: finding a
// confidential order by its requester's name would tell who informed (KF-3.1.5).
func (o orderView) shows(search string) bool {
	shown := strings.ToLower(o.Number + "\n" + o.Digits + "\n" + o.Summary + "\n" + o.Result)
	return strings.Contains(shown, strings.ToLower(search))
}

// searchOrders finds a requester's orders by number, which no address may carry.
// Confidential ones are not among them, or a number would tell who informed.
func (c *Console) searchOrders(w http.ResponseWriter, r request) error {
	var in struct {
		Phone  string `json:"phone"`
		Search string `json:"q"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	if in.Phone == "" && in.Search == "" {
		return invalid("phone", "请填写电话号码或关键字")
	}
	if n, err := sms.Normalize(in.Phone); err == nil {
		in.Phone = n // as the record has it
	}
	rows, err := c.cfg.Record.Orders(r.Context(), dispatch.Filter{Phone: in.Phone, Search: in.Search, Limit: maxLimit})
	if err != nil {
		return err
	}
	found := page[orderView]{Items: []orderView{}}
	for _, o := range rows {
		if !o.Confidential {
			found.Items = append(found.Items, c.orderView(r, o))
		}
	}
	return send(w, http.StatusOK, found)
}

// openOrder registers a request an agent takes by hand (ZZ-16.1). The answer has the
// query code, once, for the agent to tell.
func (c *Console) openOrder(w http.ResponseWriter, r request) error {
	var in struct {
		Type         dispatch.Type    `json:"type"`
		Channel      dispatch.Channel `json:"channel"`
		Phone        string           `json:"phone"`
		Name         string           `json:"name"`
		Summary      string           `json:"summary"`
		Urgent       bool             `json:"urgent"`
		Confidential bool             `json:"confidential"`
		ReceiptText  bool             `json:"receipt_text"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	if strings.TrimSpace(in.Summary) == "" {
		return problem{Status: http.StatusUnprocessableEntity, Detail: "请填写诉求内容", Field: "summary"}
	}
	if _, err := sms.Normalize(in.Phone); in.Phone != "" && err != nil { // an agent's slip would else be a caller without a number
		return problem{Status: http.StatusUnprocessableEntity, Detail: "号码有误,请核对;没有号码的不填", Field: "phone"}
	}
	if in.Channel == "" {
		in.Channel = dispatch.ByPhone
	}
	intake := dispatch.Intake{Type: in.Type, Channel: in.Channel, Phone: in.Phone, Name: in.Name, Summary: in.Summary,
		Urgent: in.Urgent, Confidential: in.Confidential, ReceiptText: in.ReceiptText, Actor: r.actor(), Unit: r.unit}
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		intake.Key = "api:" + r.who.Account.Name + ":" + key
	}
	if in.Urgent {
		intake.NotifyDuty = c.cfg.Leaders()
	}
	o, err := c.cfg.Office.Open(r.Context(), intake)
	if err != nil {
		return err
	}
	view := c.orderView(r, o)
	view.PIN = o.PIN
	w.Header().Set("Location", "/api/v1/orders/"+o.Number)
	return send(w, http.StatusCreated, view)
}

// order shows one order; its ETag is its version.
func (c *Console) order(w http.ResponseWriter, r request) error {
	o, err := c.cfg.Record.OrderBy(r.Context(), r.PathValue("number"))
	if err != nil {
		return err
	}
	return c.sendOrder(w, r, o)
}

func (c *Console) sendOrder(w http.ResponseWriter, r request, o dispatch.Order) error {
	w.Header().Set("ETag", strconv.Quote(strconv.Itoa(o.Version)))
	return send(w, http.StatusOK, c.orderView(r, o))
}

// orderEvents shows an order's timeline, oldest first, whole.
func (c *Console) orderEvents(w http.ResponseWriter, r request) error {
	o, err := c.cfg.Record.OrderBy(r.Context(), r.PathValue("number"))
	if err != nil {
		return err
	}
	events, err := c.cfg.Record.Events(r.Context(), o.Number)
	if err != nil {
		return err
	}
	o = c.asShown(r, o)
	view := page[eventView]{Items: []eventView{}}
	for _, e := range events {
		view.Items = append(view.Items, viewEvent(e, o))
	}
	return send(w, http.StatusOK, view)
}

// completeOrder writes the result; the survey follows by itself (ZQ-15.1). The version
// the agent saw, in the body or as If-Match, keeps two agents from answering twice.
func (c *Console) completeOrder(w http.ResponseWriter, r request) error {
	var in struct {
		Result  string `json:"result"`
		Version int    `json:"version"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	if match := r.Header.Get("If-Match"); match != "" {
		version, err := strconv.Atoi(strings.Trim(match, `"`))
		if err != nil || in.Version != 0 && in.Version != version {
			return problem{Status: http.StatusBadRequest, Detail: "If-Match 与 version 有误"}
		}
		in.Version = version
	}
	number := r.PathValue("number")
	o, err := c.cfg.Record.OrderBy(r.Context(), number)
	if err != nil {
		return err
	}
	if o.State == dispatch.Registered && o.Type == dispatch.Unset {
		return problem{Status: http.StatusConflict, Detail: "请先补录诉求类型再办结(ZZ-10.1)"}
	}
	o, err = c.cfg.Office.Complete(r.Context(), o.Number, dispatch.Completion{Actor: r.actor(), Result: in.Result, Version: in.Version})
	if err != nil {
		return err
	}
	return c.sendOrder(w, r, o)
}

// setType sets what kind of request an order is, and with it the deadline.
func (c *Console) setType(w http.ResponseWriter, r request) error {
	var in struct {
		Type dispatch.Type `json:"type"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	o, err := c.cfg.Office.SetType(r.Context(), r.PathValue("number"), r.actor(), in.Type)
	if err != nil {
		return err
	}
	return c.sendOrder(w, r, o)
}

// note adds a line to the timeline.
func (c *Console) note(w http.ResponseWriter, r request) error {
	var in struct {
		Text string `json:"text"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	if strings.TrimSpace(in.Text) == "" {
		return invalid("text", "请填写备注内容")
	}
	if err := c.cfg.Office.Note(r.Context(), r.PathValue("number"), r.actor(), in.Text); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// markUrgent marks an order urgent; the leaders on duty get a text (ZZ-20.3).
func (c *Console) markUrgent(w http.ResponseWriter, r request) error {
	return c.mark(w, r, c.cfg.Office.MarkUrgent)
}

// markMajor marks an order a major matter; the leaders on duty get a text and are called
// (ZZ-16.5).
func (c *Console) markMajor(w http.ResponseWriter, r request) error {
	return c.mark(w, r, c.cfg.Office.MarkMajor)
}

// mark lets the leaders on duty know of an order.
func (c *Console) mark(w http.ResponseWriter, r request, as func(context.Context, string, dispatch.Urgency) (dispatch.Order, error)) error {
	var in struct {
		Reason string `json:"reason"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	o, err := as(r.Context(), r.PathValue("number"),
		dispatch.Urgency{Actor: r.actor(), Reason: in.Reason, Notify: c.cfg.Leaders()})
	if errors.Is(err, dispatch.ErrInvalid) {
		return problem{Status: http.StatusUnprocessableEntity, Detail: err.Error(), Cause: err}
	}
	if err != nil {
		return err
	}
	return c.sendOrder(w, r, o)
}
