package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// Talk is what was written between the hotline and one phone.
type Talk struct {
	Phone  string     `json:"phone"`   // masked
	OptOut string     `json:"opt_out"` // id of its refusal; empty: it may be texted
	Items  []TalkLine `json:"items"`   // oldest first, the latest hundred each way
}

// TalkLine is one text of a talk.
type TalkLine struct {
	ID     string     `json:"id"`
	Way    string     `json:"way"`    // out or in
	What   string     `json:"what"`   // out: its kind; in: what it was taken for
	Status string     `json:"status"` // out only
	Text   string     `json:"text"`
	At     *time.Time `json:"at"`
}

// talk shows what was written with the phone that a text went to or came from; no
// address may carry a number. Texts about confidential orders have no talk.
func (c *Console) talk(w http.ResponseWriter, r request) error {
	ctx, h, id := r.Context(), c.hider(), r.PathValue("id")
	var number string
	var hidden bool
	m, err := c.cfg.Record.MessageBy(ctx, id)
	switch {
	case err == nil:
		number = m.To
		hidden, _ = h.message(ctx, m)
	case errors.Is(err, dispatch.ErrNotFound):
		in, err := c.cfg.Record.InboundBy(ctx, id)
		if err != nil {
			return err
		}
		number, hidden = in.From, h.inbound(ctx, in).Confidential
	default:
		return err
	}
	if hidden {
		return problem{Status: http.StatusForbidden, Detail: "保密件的短信往来不予显示(KF-3.1.5)"}
	}
	return c.sendTalk(w, r, h, number)
}

// searchTalk shows what was written with a number.
func (c *Console) searchTalk(w http.ResponseWriter, r request) error {
	var in struct {
		Phone string `json:"phone"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	number, err := sms.Normalize(in.Phone)
	if err != nil {
		return invalid("phone", "请填写电话号码")
	}
	return c.sendTalk(w, r, c.hider(), number)
}

// mostLines is how many texts each way a talk has.
const mostLines = 100

// sendTalk leaves out what concerns confidential orders, without a trace: a gap beside a
// number would tell that its owner informed.
func (c *Console) sendTalk(w http.ResponseWriter, r request, h *hider, number string) error {
	ctx, f := r.Context(), dispatch.Filter{Phone: number, Limit: mostLines}
	out, err1 := c.cfg.Record.Messages(ctx, f)
	in, err2 := c.cfg.Record.Inbounds(ctx, f)
	refusals, err3 := c.cfg.Record.OptOuts(ctx, f)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	t := Talk{Phone: phone(number, false), Items: []TalkLine{}}
	if len(refusals) > 0 {
		t.OptOut = refusals[0].ID
	}
	for _, m := range out {
		if receiver, matter := h.message(ctx, m); !receiver {
			v := viewMessage(m, false, matter)
			t.Items = append(t.Items, TalkLine{ID: m.ID, Way: "out", What: v.Kind, Status: v.Status, Text: v.Text, At: v.Created})
		}
	}
	for _, text := range in {
		if o := h.inbound(ctx, text); !o.Confidential && !text.IsPart() {
			v := viewInbound(text, o)
			t.Items = append(t.Items, TalkLine{ID: text.ID, Way: "in", What: v.As, Text: v.Text, At: v.Received})
		}
	}
	slices.SortStableFunc(t.Items, func(a, b TalkLine) int { return a.At.Compare(*b.At) })
	return send(w, http.StatusOK, t)
}

// inbound is who is hidden in a text that came in: by the order it is about or, where it
// is about none, by whose phone it came from.
func (h *hider) inbound(ctx context.Context, in sms.Inbound) dispatch.Order {
	number, err := h.orderOf(ctx, in)
	switch {
	case err != nil:
		return unknown
	case number != "":
		return h.order(ctx, number)
	}
	return h.phone(ctx, in.From)
}

// orderOf is the order that a text is about; "" is none.
func (h *hider) orderOf(ctx context.Context, in sms.Inbound) (string, error) {
	switch in.HandledAs {
	case dispatch.AsOrder:
		number, err := h.record.OrderOfKey(ctx, orderKey(in))
		if errors.Is(err, dispatch.ErrNotFound) {
			err = nil
		}
		return number, err
	case dispatch.AsQuery, dispatch.AsQueryWrong, dispatch.AsQueryLocked:
		return dispatch.AskedAbout(in.Text), nil
	case dispatch.AsSurvey, dispatch.AsInvalid, dispatch.AsLate:
		return h.answered(ctx, in)
	}
	return "", nil
}

// answered is the order whose survey a text answered: that of its extension or, where the
// link has none, a confidential one if there is any.
func (h *hider) answered(ctx context.Context, in sms.Inbound) (number string, err error) {
	surveys, err := h.record.Surveys(ctx, dispatch.Filter{Phone: in.From, Until: in.ReceivedAt, Limit: 100})
	for _, s := range surveys {
		switch {
		case in.Ext != "" && s.Slot == in.Ext:
			return s.Order, err
		case in.Ext == "" && (number == "" || h.order(ctx, s.Order).Confidential):
			number = s.Order
		}
	}
	return number, err
}
