package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// TextLife is what the record knows of one text.
type TextLife interface {
	MessageBy(ctx context.Context, id string) (sms.Message, error)
	InboundBy(ctx context.Context, id string) (sms.Inbound, error)
	Audits(ctx context.Context, subject string) ([]dispatch.Audit, error)
}

// OptOutRecord reads refusals, and what texts became.
type OptOutRecord interface {
	OptOuts(ctx context.Context, f dispatch.Filter) ([]dispatch.OptOut, error)
	OrderOfKey(ctx context.Context, key string) (string, error)
	TextsWaiting(ctx context.Context) (out, in int, err error)
}

// Trace is the life of a text that went out.
type Trace struct {
	Message    messageView `json:"message"`
	CarrierIDs []string    `json:"carrier_ids"` // one per segment
	NotBefore  *time.Time  `json:"not_before"`
	ValidUntil *time.Time  `json:"valid_until"`
	NextTry    *time.Time  `json:"next_try"` // while it waits
	Steps      []stepView  `json:"steps"`
}

// InboundTrace is the life of a text that came in.
type InboundTrace struct {
	Inbound inboundView `json:"inbound"`
	Order   string      `json:"order"` // it became
	Steps   []stepView  `json:"steps"`
}

// textTrace shows the life of one text: queued, tries, link, carrier's ids and codes,
// receipt, replies.
func (c *Console) textTrace(w http.ResponseWriter, r request) error {
	m, err := c.cfg.Record.MessageBy(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	receiver, matter := c.hider().message(r.Context(), m)
	t := Trace{Message: viewMessage(m, receiver, matter), CarrierIDs: append([]string{}, m.CarrierIDs...),
		NotBefore: moment(m.NotBefore), ValidUntil: moment(m.ValidUntil), Steps: lifeOf(m)}
	if m.Status == sms.Queued {
		t.NextTry = moment(m.NextTry)
	}
	if !receiver {
		replies, err := c.repliesTo(r.Context(), m)
		if err != nil {
			return err
		}
		t.Steps = append(t.Steps, replies...)
	}
	if t.Steps, err = c.withAudits(r.Context(), m.ID, t.Steps, matter); err != nil {
		return err
	}
	return send(w, http.StatusOK, t)
}

// lifeOf tells what a text's row knows, in order.
func lifeOf(m sms.Message) []stepView {
	steps := []stepView{{At: moment(m.CreatedAt), What: "queued", Text: "写入发件箱"}}
	add := func(at time.Time, what, format string, args ...any) {
		steps = append(steps, stepView{At: moment(at), What: what, Text: fmt.Sprintf(format, args...)})
	}
	if m.NotBefore.After(m.CreatedAt) {
		add(m.NotBefore, "hours", "可以发送的时段开始")
	}
	if m.Attempts > 0 {
		add(m.NextTry, "tries", "未成功 %d 次,通道 %s,运营商代码 %s;此时再试", m.Attempts, dash(m.Link), dash(m.Raw))
	}
	if m.MaybeTwice {
		add(time.Time{}, "unknown", "曾有一次没有得到运营商答复,对方可能收到两次")
	}
	if !m.SentAt.IsZero() {
		add(m.SentAt, "sent", "通道 %s 已受理,%d 段,编号 %s", m.Link, m.Segments, dash(strings.Join(m.CarrierIDs, " ")))
	}
	if !m.DoneAt.IsZero() {
		add(m.DoneAt, string(m.Status), "运营商代码 %s", dash(m.Raw))
	}
	return steps
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// How long after a text, and how many of the texts that then come from its phone, are
// shown as what followed on it.
const (
	repliesFor  = 3 * 24 * time.Hour
	mostReplies = 5
)

// repliesTo are the texts that came from the receiver afterwards, to the text's own
// extension or to none.
func (c *Console) repliesTo(ctx context.Context, m sms.Message) ([]stepView, error) {
	if m.SentAt.IsZero() {
		return nil, nil
	}
	rows, err := c.cfg.Record.Inbounds(ctx, dispatch.Filter{Phone: m.To, Since: m.SentAt, Until: m.SentAt.Add(repliesFor), Limit: 100})
	if err != nil {
		return nil, err
	}
	var steps []stepView
	h := c.hider()
	for _, in := range slices.Backward(rows) {
		if (in.Ext == "" || in.Ext == m.Ext) && len(steps) < mostReplies && !in.IsPart() && !h.inbound(ctx, in).Confidential {
			v := viewInbound(in, dispatch.Order{})
			steps = append(steps, stepView{At: v.Received, What: "reply", Text: v.Text + " → " + dash(v.As)})
		}
	}
	return steps, nil
}

// inboundTrace shows the life of a text that came in.
func (c *Console) inboundTrace(w http.ResponseWriter, r request) error {
	in, err := c.cfg.Record.InboundBy(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	o := c.hider().inbound(r.Context(), in)
	v := viewInbound(in, o)
	t := InboundTrace{Inbound: v, Steps: []stepView{
		{At: v.Sent, What: "written", Text: "发送(按运营商时钟)"},
		{At: v.Received, What: "received", Text: "通道 " + dash(in.Link) + " 收到并存下"}}}
	if in.IsPart() {
		t.Steps = append(t.Steps, stepView{What: "part", Text: "长短信的一段"})
	}
	if in.HandledAs != "" {
		t.Steps = append(t.Steps, stepView{What: "handled", Text: in.HandledAs})
	}
	t.Order, err = c.cfg.Record.OrderOfKey(r.Context(), orderKey(in))
	if err != nil && !errors.Is(err, dispatch.ErrNotFound) {
		return err
	}
	if t.Steps, err = c.withAudits(r.Context(), in.ID, t.Steps, o); err != nil {
		return err
	}
	return send(w, http.StatusOK, t)
}

// orderKey is the key by which a text became an order.
func orderKey(in sms.Inbound) string { return "sms:" + in.ID }

// withAudits adds what people did to a text, and brings all of it in order.
func (c *Console) withAudits(ctx context.Context, id string, steps []stepView, o dispatch.Order) ([]stepView, error) {
	done, err := c.cfg.Record.Audits(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, a := range done {
		steps = append(steps, stepView{At: moment(a.At), What: a.Act, Text: strings.TrimSuffix(conceal(a.Actor+":"+a.Text, o), ":")})
	}
	// What has no time of its own goes last.
	slices.SortStableFunc(steps, func(a, b stepView) int {
		switch {
		case a.At == nil || b.At == nil:
			return cmp.Compare(untimed(a), untimed(b))
		default:
			return a.At.Compare(*b.At)
		}
	})
	return steps, nil
}

func untimed(s stepView) int {
	if s.At == nil {
		return 1
	}
	return 0
}
