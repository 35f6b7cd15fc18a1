package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// Letters sends texts that people write by hand; *dispatch.Office does it.
type Letters interface {
	CheckLetter(ctx context.Context, l dispatch.Letter) (to string, err error)
	SendLetter(ctx context.Context, l dispatch.Letter) (sms.Message, error)
	Signed(text string) (signed string, segments int)
}

// Repairs takes up again what stands still; *dispatch.Office does it.
type Repairs interface {
	ReplayText(ctx context.Context, id, actor, reason string) (sms.Message, error)
	ReplayInbound(ctx context.Context, id, actor, reason string) (as string, err error)
	LiftOptOut(ctx context.Context, id, actor, reason string) error
}

// NewLetter is a text to be sent to a number.
type NewLetter struct {
	To      string `json:"to"`
	Text    string `json:"text"`
	Preview bool   `json:"preview"` // only say what would be sent
}

// LetterView is what a letter becomes.
type LetterView struct {
	ID       string `json:"id"`       // of the text; empty for a preview
	To       string `json:"to"`       // masked
	Text     string `json:"text"`     // with the signature
	Segments int    `json:"segments"` // it is sent and billed as
}

// what the outbox may be narrowed to.
var (
	statuses = []sms.Status{sms.Queued, sms.Sent, sms.Delivered, sms.Undelivered, sms.Failed, sms.Expired}
	kinds    = []sms.Kind{sms.KindSurvey, sms.KindResult, sms.KindReceipt, sms.KindDuty, sms.KindNotice, sms.KindBulk}
)

// messages lists texts that went out or wait to, newest first: state= and kind= narrow it.
func (c *Console) messages(w http.ResponseWriter, r request) error {
	f, err := filter(r, "state", "kind")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	f.State, f.Kind = dispatch.State(q.Get("state")), sms.Kind(q.Get("kind"))
	if f.State != "" && !slices.Contains(statuses, sms.Status(f.State)) || f.Kind != "" && !slices.Contains(kinds, f.Kind) {
		return problem{Status: http.StatusBadRequest, Detail: "参数 state 或 kind 有误"}
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

// sendLetter sends a text, or with preview says what it would be.
func (c *Console) sendLetter(w http.ResponseWriter, r request) error {
	var in NewLetter
	if err := receive(w, r, &in); err != nil {
		return err
	}
	l := dispatch.Letter{Key: r.Header.Get("Idempotency-Key"), Actor: r.actor(), To: in.To, Text: in.Text}
	if in.Preview {
		to, err := c.cfg.Office.CheckLetter(r.Context(), l)
		if err != nil {
			return err
		}
		signed, n := c.cfg.Office.Signed(strings.TrimSpace(in.Text))
		return send(w, http.StatusOK, LetterView{To: phone(to, false), Text: signed, Segments: n})
	}
	m, err := c.cfg.Office.SendLetter(r.Context(), l)
	if err != nil {
		return err
	}
	signed, n := c.cfg.Office.Signed(m.Text)
	c.cfg.Log.InfoContext(r.Context(), "text sent by hand", "text", m.ID, "to", sms.Mask(m.To), "by", r.who.Account.Name)
	return send(w, http.StatusCreated, LetterView{ID: m.ID, To: phone(m.To, false), Text: signed, Segments: n})
}

// reasoned is a request to do something for a reason.
func reasoned(w http.ResponseWriter, r request) (reason string, err error) {
	var in struct {
		Reason string `json:"reason"`
	}
	if err := receive(w, r, &in); err != nil {
		return "", err
	}
	if strings.TrimSpace(in.Reason) == "" {
		return "", invalid("reason", "请填写原因")
	}
	return in.Reason, nil
}

// replayText sends a text that failed or expired once more.
func (c *Console) replayText(w http.ResponseWriter, r request) error {
	reason, err := reasoned(w, r)
	if err != nil {
		return err
	}
	m, err := c.cfg.Office.ReplayText(r.Context(), r.PathValue("id"), r.actor(), reason)
	if errors.Is(err, dispatch.ErrIllegal) {
		return problem{Status: http.StatusConflict, Detail: "只有失败或过期、确定未发出的短信可以重发;评价短信请改为电话回访;已退订的不发", Cause: err}
	}
	if err != nil {
		return err
	}
	c.cfg.Log.InfoContext(r.Context(), "text replayed", "text", r.PathValue("id"), "as", m.ID, "by", r.who.Account.Name)
	receiver, matter := c.hider().message(r.Context(), m)
	return send(w, http.StatusOK, viewMessage(m, receiver, matter))
}

// replayInbound hands a text that waits to its handler.
func (c *Console) replayInbound(w http.ResponseWriter, r request) error {
	reason, err := reasoned(w, r)
	if err != nil {
		return err
	}
	as, err := c.cfg.Office.ReplayInbound(r.Context(), r.PathValue("id"), r.actor(), reason)
	if errors.Is(err, dispatch.ErrIllegal) {
		return problem{Status: http.StatusConflict, Detail: "这条短信已处理,或须等同号码更早的短信、长短信的其余部分", Cause: err}
	}
	if err != nil {
		return err
	}
	c.cfg.Log.InfoContext(r.Context(), "inbound text replayed", "text", r.PathValue("id"), "as", as, "by", r.who.Account.Name)
	return send(w, http.StatusOK, map[string]string{"handled_as": as})
}

// OptOutView is a phone that wants no texts.
type OptOutView struct {
	ID    string     `json:"id"`
	Phone string     `json:"phone"` // masked
	At    *time.Time `json:"at"`
	Text  string     `json:"text"` // id of the text that said so
}

// optOuts lists the phones that want no texts, newest first.
func (c *Console) optOuts(w http.ResponseWriter, r request) error {
	f, err := filter(r)
	if err != nil {
		return err
	}
	if f.Order != "" || f.Open {
		return problem{Status: http.StatusBadRequest, Detail: "参数 order、open 有误"}
	}
	rows, err := c.cfg.Record.OptOuts(r.Context(), f)
	if err != nil {
		return err
	}
	h := c.hider()
	return send(w, http.StatusOK, paged(f, rows, func(o dispatch.OptOut) OptOutView {
		return OptOutView{ID: o.ID, Phone: phone(o.Phone, h.phone(r.Context(), o.Phone).Confidential), At: moment(o.At), Text: o.TextID}
	}))
}

// liftOptOut ends a refusal, for a reason that is kept with who gave it.
func (c *Console) liftOptOut(w http.ResponseWriter, r request) error {
	reason, err := reasoned(w, r)
	if err != nil {
		return err
	}
	if err := c.cfg.Office.LiftOptOut(r.Context(), r.PathValue("id"), r.actor(), reason); err != nil {
		return err
	}
	c.cfg.Log.InfoContext(r.Context(), "opt-out lifted", "opt_out", r.PathValue("id"), "by", r.who.Account.Name)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
