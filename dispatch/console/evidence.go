package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"path"
	"slices"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// Sealing makes bundles of evidence.
type Sealing interface {
	// Seal writes a zip of the parts with a signed manifest.
	Seal(w io.Writer, e Evidence, parts iter.Seq2[Piece, error]) error
	// PublicKey is what a bundle is verified with, in base64.
	PublicKey() (string, error)
}

// Evidence is what a bundle says of itself.
type Evidence struct {
	Order, By, Reason string
	At                time.Time
	Withheld          []string // what is not in it, and by which clause
}

// Piece is one file of a bundle.
type Piece struct {
	Name string
	Open func() (io.ReadCloser, error)
}

// chainEnd is the audit's end when a bundle was made: `hotline audit verify --known` says
// later whether the chain was written anew.
type chainEnd struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// publicKey tells the key that bundles are verified with.
func (c *Console) publicKey(w http.ResponseWriter, r request) error {
	if c.cfg.Trading == nil {
		return noTrading
	}
	key, err := c.cfg.Trading.PublicKey()
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, map[string]string{"public_key": key})
}

// evidence exports one order with all that belongs to it, sealed (ZQ-19): events and moves
// with their clauses, units' parts, calls, recordings, texts, ratings, decisions and audit.
// Requesters' numbers are masked in it as everywhere; of a confidential order neither number
// nor voice is in it (KF-3.1.5). That it was exported, by whom and why, is on the order and
// in the audit first, and so in the bundle itself (ZQ-24).
func (c *Console) evidence(w http.ResponseWriter, r request) error {
	reason, err := reasoned(w, r)
	if err != nil {
		return err
	}
	if c.cfg.Trading == nil {
		return noTrading
	}
	if _, err := c.cfg.Trading.PublicKey(); err != nil { // before the first byte
		return err
	}
	ctx := r.Context()
	o, err := c.cfg.Record.OrderBy(ctx, r.PathValue("number"))
	if err != nil {
		return err
	}
	if err := c.cfg.Office.Audit(ctx, dispatch.Audit{Actor: r.actor(), Act: dispatch.ActExport, Subject: o.Number, Text: reason, Rule: "ZQ-24"}); err != nil {
		return err
	}
	if err := c.cfg.Office.Note(ctx, o.Number, r.actor(), "导出证据包:"+reason); err != nil {
		return err
	}
	f := &file{c: c, request: r, ctx: ctx, order: o, hider: c.hider()}
	if err := f.gather(); err != nil {
		return err
	}
	e := Evidence{Order: o.Number, By: r.actor(), Reason: reason, At: c.cfg.Now().UTC(), Withheld: f.withheld}
	return c.download(w, r, o.Number+".zip", func(w io.Writer) error { return c.cfg.Trading.Seal(w, e, f.each()) })
}

// file is all that is kept about one order, as it is shown.
type file struct {
	c        *Console
	request  request
	ctx      context.Context
	order    dispatch.Order
	hider    *hider
	parts    []Piece
	withheld []string
}

func (f *file) each() iter.Seq2[Piece, error] {
	return func(yield func(Piece, error) bool) {
		for _, p := range f.parts {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// put adds a JSON file.
func (f *file) put(name string, v any) error {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return fmt.Errorf("evidence %s: %w", name, err)
	}
	f.parts = append(f.parts, Piece{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }})
	return nil
}

// gather reads everything.
func (f *file) gather() error {
	record, o := f.c.cfg.Record, f.order
	events, err := record.Events(f.ctx, o.Number)
	if err != nil {
		return err
	}
	ties, err := record.Links(f.ctx, o.Number)
	if err != nil {
		return err
	}
	head, err := record.AuditHead(f.ctx)
	if err != nil {
		return err
	}
	units, err := record.Assignments(f.ctx, dispatch.AssignmentFilter{Order: o.Number, Limit: 1000})
	if err != nil {
		return err
	}
	calls, err := f.calls()
	if err != nil {
		return err
	}
	return errors.Join(
		f.put("order.json", f.c.orderView(f.request, o)),
		f.put("events.json", views(events, func(e dispatch.Event) eventView { return viewEvent(e, o) })),
		f.put("assignments.json", views(units, func(a dispatch.Assignment) assignmentView { return viewAssignment(a, o) })),
		f.put("links.json", views(ties, func(l dispatch.Link) tieView {
			return tieView{Order: l.Order, Kind: l.Kind, Other: l.Other, Actor: l.Actor, At: moment(l.At)}
		})),
		putAll(f, "reviews.json", record.Reviews, func(r dispatch.Review) reviewView { return viewReview(r, o) }),
		f.put("calls.json", views(calls, func(call dispatch.Call) callView { return viewSteps(call, o) })),
		putAll(f, "texts.json", record.Messages, f.text),
		putAll(f, "surveys.json", record.Surveys, func(s dispatch.Survey) surveyView { return viewSurvey(s, o) }),
		putAll(f, "callbacks.json", record.Callbacks, func(b dispatch.Callback) callbackView { return f.c.viewCallback(b, o) }),
		putAll(f, "audit.json", record.AuditLog, func(a dispatch.Audit) AuditView { return viewAudit(f.ctx, f.hider, a) }),
		f.put("audit-head.json", chainEnd{head.Seq, head.Hash}),
		f.recordings(),
		f.attachments(),
	)
}

// calls are those about the order, and the one it came by.
func (f *file) calls() ([]dispatch.Call, error) {
	calls, err := everything(f.ctx, f.order.Number, f.c.cfg.Record.Calls)
	id := f.order.CallID
	if err != nil || id == "" || slices.ContainsFunc(calls, func(call dispatch.Call) bool { return call.ID == id }) {
		return calls, err
	}
	call, err := f.c.cfg.Record.CallBy(f.ctx, id)
	if errors.Is(err, dispatch.ErrNotFound) { // it is not over
		return calls, nil
	}
	return append(calls, call), err
}

// viewSteps is a call with its timeline.
func viewSteps(call dispatch.Call, o dispatch.Order) callView {
	view := viewCall(call, o)
	view.Steps = views(call.Steps, func(s dispatch.Step) stepView {
		return stepView{At: moment(s.At), What: s.What, Text: conceal(s.Text, o)}
	})
	return view
}

// text is a text about the order as it is shown.
func (f *file) text(m sms.Message) messageView {
	receiver, matter := f.hider.message(f.ctx, m)
	return viewMessage(m, receiver, matter)
}

// recordings adds what callers left, and the sound of it where it may be heard elsewhere.
func (f *file) recordings() error {
	list, err := everything(f.ctx, f.order.Number, f.c.cfg.Record.Voicemails)
	if err != nil {
		return err
	}
	for _, v := range list {
		switch {
		case f.order.Confidential:
			f.withheld = append(f.withheld, "录音 "+v.ID+"(KF-3.1.5)")
		case f.c.cfg.Audio == nil:
			f.withheld = append(f.withheld, "录音 "+v.ID+"(未配置录音目录)")
		default:
			if err := f.sound(v); err != nil {
				return err
			}
		}
	}
	return f.put("voicemails.json", views(list, func(v dispatch.Voicemail) voicemailView { return viewVoicemail(v, f.order) }))
}

// sound adds one recording; that a file is lost is said in the manifest.
func (f *file) sound(v dispatch.Voicemail) error {
	open := func() (io.ReadCloser, error) { return f.c.cfg.Audio.OpenAudio(f.ctx, v) }
	sound, err := open()
	if errors.Is(err, fs.ErrNotExist) {
		f.withheld = append(f.withheld, "录音 "+v.ID+"(文件已不在)")
		return nil
	}
	if err != nil {
		return fmt.Errorf("open recording of voicemail %s: %w", v.ID, err)
	}
	f.parts = append(f.parts, Piece{Name: "recordings/" + v.ID + path.Ext(v.File), Open: open})
	return sound.Close()
}

// views shows each of a list; none is an empty one.
func views[R, V any](rows []R, view func(R) V) []V {
	list := make([]V, 0, len(rows))
	for _, r := range rows {
		list = append(list, view(r))
	}
	return list
}

// putAll adds a file of all that one list has of the order.
func putAll[R, V any](f *file, name string, read func(context.Context, dispatch.Filter) ([]R, error), view func(R) V) error {
	rows, err := everything(f.ctx, f.order.Number, read)
	if err != nil {
		return fmt.Errorf("evidence %s: %w", name, err)
	}
	return f.put(name, views(rows, view))
}

// everything reads a list about an order to its end.
func everything[R any](ctx context.Context, order string, read func(context.Context, dispatch.Filter) ([]R, error)) (all []R, err error) {
	for row, err := range dispatch.Whole(ctx, dispatch.Filter{Order: order}, read) {
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, nil
}
