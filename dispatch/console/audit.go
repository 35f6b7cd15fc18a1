package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// Auditing writes entries of the audit; *dispatch.Office does it.
type Auditing interface {
	Audit(ctx context.Context, a dispatch.Audit) error
}

// audit notes what happens whether it can be noted or not: a log-in to see what is wrong
// with the hotline, a refusal. The log says what the audit lacks then.
func (c *Console) audit(r request, a dispatch.Audit) {
	if err := c.cfg.Office.Audit(context.WithoutCancel(r.Context()), a); err != nil {
		c.cfg.Log.ErrorContext(r.Context(), "not audited", "act", a.Act, "by", a.Actor, "route", r.Pattern, "rule", a.Rule, "err", err)
	}
}

// errInformant is told to who asks for an informant's number: nobody gets it here.
var errInformant = problem{Status: http.StatusForbidden, Detail: "保密件不显示诉求人号码", Rule: "KF-3.1.5"}

// errParty is told to a unit that the matter is about, and that is not to know who asks.
var errParty = problem{Status: http.StatusForbidden, Detail: "未经诉求人同意,不向贵单位显示其号码", Rule: "XZ-12.6"}

// seen notes, in the audit and on the order, that somebody is shown its requester's number.
func (c *Console) seen(r request, order, reason string) error {
	a := dispatch.Audit{Actor: r.actor(), Act: dispatch.ActPhone, Subject: order, Text: reason, Rule: "ZQ-24"}
	if err := c.cfg.Office.Audit(r.Context(), a); err != nil {
		return err
	}
	return c.cfg.Office.Note(r.Context(), order, r.actor(), "查看诉求人号码:"+reason)
}

// orderPhone shows a requester's number to who has to speak with them, for a reason (ZQ-24).
func (c *Console) orderPhone(w http.ResponseWriter, r request) error {
	reason, err := reasoned(w, r)
	if err != nil {
		return err
	}
	o, err := c.cfg.Record.OrderBy(r.Context(), r.PathValue("number"))
	if err != nil {
		return err
	}
	if c.asShown(r, o).Confidential {
		if o.Confidential {
			return errInformant
		}
		return errParty
	}
	if err := c.seen(r, o.Number, reason); err != nil {
		return err
	}
	return send(w, http.StatusOK, map[string]string{"phone": o.Phone})
}

// AuditView is an entry of the audit.
type AuditView struct {
	Seq     int64      `json:"seq"`
	At      *time.Time `json:"at"`
	Actor   string     `json:"actor"`
	Act     string     `json:"act"`
	Subject string     `json:"subject"` // a number in it is masked
	Text    string     `json:"text"`
	Rule    string     `json:"rule"`
	Hash    string     `json:"hash"`
}

// viewAudit shows an entry; what informants are known by is hidden in it as elsewhere.
func viewAudit(ctx context.Context, h *hider, a dispatch.Audit) AuditView {
	o := h.order(ctx, a.Subject)
	subject := conceal(a.Subject, o)
	if n, err := sms.Normalize(a.Subject); err == nil {
		subject = phone(n, h.phone(ctx, n).Confidential)
	}
	return AuditView{Seq: a.Seq, At: moment(a.At), Actor: conceal(a.Actor, o), Act: a.Act, Subject: subject,
		Text: conceal(h.spoken(ctx, a.Text), o), Rule: a.Rule, Hash: a.Hash}
}

// auditLog lists entries, newest first: actor=, act= and subject= narrow it.
func (c *Console) auditLog(w http.ResponseWriter, r request) error {
	f, err := filter(r, "actor", "act", "subject")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	if f.Order != "" || f.Open || numbers.MatchString(q.Get("subject")) {
		return problem{Status: http.StatusBadRequest, Detail: "参数 order、open 或 subject 有误"}
	}
	f.Actor, f.Act, f.Order = q.Get("actor"), q.Get("act"), q.Get("subject")
	rows, err := c.cfg.Record.AuditLog(r.Context(), f)
	if err != nil {
		return err
	}
	h := c.hider()
	return send(w, http.StatusOK, paged(f, rows, func(a dispatch.Audit) AuditView { return viewAudit(r.Context(), h, a) }))
}

// ChainView is what a verification of the audit came to.
type ChainView struct {
	Intact  bool   `json:"intact"`
	Entries int64  `json:"entries"` // that hold, from the first on
	Broken  int64  `json:"broken"`  // the first that does not
	Why     string `json:"why"`
	Head    string `json:"head"`  // SEQ:HASH of the last that holds; keep it elsewhere
	Known   bool   `json:"known"` // known= is in the chain as it was; true if nothing was asked
}

// verifyAudit follows the chain from its beginning; known= is a head that was told before.
func (c *Console) verifyAudit(w http.ResponseWriter, r request) error {
	if _, err := filter(r, "known"); err != nil {
		return err
	}
	known, err := parseHead(r.URL.Query().Get("known"))
	if err != nil {
		return problem{Status: http.StatusBadRequest, Detail: "参数 known 有误,应为 序号:散列", Field: "known", Cause: err}
	}
	v, err := dispatch.VerifyAudit(r.Context(), c.cfg.Record, known)
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, ChainView{Intact: v.Why == "" && v.Known, Entries: v.Entries, Broken: v.Broken, Why: v.Why,
		Head: strconv.FormatInt(v.Head.Seq, 10) + ":" + v.Head.Hash, Known: v.Known})
}

// parseHead reads SEQ:HASH; "" is none.
func parseHead(s string) (dispatch.AuditHead, error) {
	if s == "" {
		return dispatch.AuditHead{}, nil
	}
	seq, hash, ok := strings.Cut(s, ":")
	n, err := strconv.ParseInt(seq, 10, 64)
	if err != nil || !ok || n < 1 || len(hash) != 64 {
		return dispatch.AuditHead{}, errors.New("want SEQ:HASH")
	}
	return dispatch.AuditHead{Seq: n, Hash: hash}, nil
}
