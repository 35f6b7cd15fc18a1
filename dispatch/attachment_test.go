package dispatch_test

import (
	"errors"
	"strings"
	"testing"

	"hotline/dispatch"
)

func TestAttachments(t *testing.T) {
	onBoth(t, "zq", map[string]func(*hall){
		"a file is kept with its order":         filed,
		"files that are not taken":              notTaken,
		"KF-3.1.5 whose an informant's file is": informantsFile,
	})
}

func filed(h *hall) {
	o := h.given(dispatch.Help, on(2026, 11, 20, 10))
	paper := dispatch.Paper{Name: " 现场照片.JPG ", Content: []byte("\xff\xd8 a \x00 b")}
	for range 2 { // the same twice is one
		got, err := h.Attach(h.ctx(), o.Number, water, paper)
		h.ok(err)
		o = got
	}
	all, err := h.store.Attachments(h.ctx(), o.Number)
	h.ok(err)
	h.same("files", len(all), 1)
	a := all[0]
	h.same("said of it", []any{a.Name, a.Media, a.Size, len(a.SHA256), a.Unit, a.Actor, a.At.Equal(h.now)},
		[]any{"现场照片.JPG", "image/jpeg", int64(8), 64, "water", water.Actor, true})
	content, err := h.store.AttachmentBytes(h.ctx(), a.ID)
	h.ok(err)
	h.same("bytes", string(content), string(paper.Content))
	_, err = h.Attach(h.ctx(), o.Number, desk, paper) // the hotline's own copy is another
	h.ok(err)
	h.same("told", h.told(o.Number, dispatch.OnAttached), 2)
	for _, e := range h.events(o.Number) {
		if strings.Contains(e.Text, "照片") {
			h.t.Errorf("the timeline tells a file's name: %s", e.Text)
		}
	}
	if _, err := h.store.AttachmentBytes(h.ctx(), "none"); !errors.Is(err, dispatch.ErrNotFound) {
		h.t.Errorf("bytes of nothing: %v", err)
	}
}

func notTaken(h *hall) {
	o := h.given(dispatch.Help, on(2026, 11, 20, 10))
	for _, bad := range []struct {
		paper dispatch.Paper
		field string
	}{
		{dispatch.Paper{Content: []byte("x")}, "name"},
		{dispatch.Paper{Name: "../a.pdf", Content: []byte("x")}, "name"},
		{dispatch.Paper{Name: "a.exe", Content: []byte("x")}, "name"},
		{dispatch.Paper{Name: "a\n.pdf", Content: []byte("x")}, "name"},
		{dispatch.Paper{Name: "a.pdf"}, "file"},
		{dispatch.Paper{Name: "a.pdf", Content: make([]byte, dispatch.MaxAttachment+1)}, "file"},
	} {
		_, err := h.Attach(h.ctx(), o.Number, water, bad.paper)
		h.denies(err, dispatch.Refusal{Field: bad.field, Rule: "rec"}, dispatch.ErrInvalid)
	}
	good := dispatch.Paper{Name: "a.pdf", Content: []byte("x")}
	if _, err := h.Attach(h.ctx(), o.Number, roads, good); !errors.Is(err, dispatch.ErrNotFound) {
		h.t.Errorf("another unit: %v", err)
	}
	h.alter(o.Number, func(_ dispatch.Tx, o *dispatch.Order) error { o.State = dispatch.Archived; return nil })
	_, err := h.Attach(h.ctx(), o.Number, desk, good)
	h.denies(err, dispatch.Refusal{Field: "state", Rule: "rec"}, dispatch.ErrIllegal)
	all, err := h.store.Attachments(h.ctx(), o.Number)
	h.ok(err)
	h.same("nothing was kept", len(all), 0)
}

func informantsFile(h *hall) {
	secret := dispatch.Order{Confidential: true}
	ours, theirs := dispatch.Attachment{}, dispatch.Attachment{Unit: "water"}
	for _, tt := range []struct {
		file  dispatch.Attachment
		order dispatch.Order
		unit  string
		knows bool
		want  bool
	}{
		{ours, dispatch.Order{}, "roads", false, true},
		{ours, secret, "water", false, false},
		{ours, secret, "", false, false},
		{ours, secret, "", true, true},
		{theirs, secret, "water", false, true},
		{theirs, secret, "roads", false, false},
		{theirs, secret, "", false, true},
	} {
		if got := tt.file.ShownTo(tt.order, tt.unit, tt.knows); got != tt.want {
			h.t.Errorf("%+v: %t", tt, got)
		}
	}
}
