package dispatch_test

import (
	"strings"
	"testing"

	"hotline/dispatch"
)

// mode sets how an order is answered.
func (h *hall) mode(number string, by dispatch.By, mode, why string) error {
	h.t.Helper()
	o, err := h.SetReply(h.ctx(), number, by, dispatch.Replying{Mode: mode, Reason: why})
	if err == nil {
		h.same("mode", o.ReplyMode, mode)
	}
	return err
}

// published lists what everybody may read.
func (h *hall) published() (words []string) {
	h.t.Helper()
	all, err := h.Published(h.ctx(), 100, 0)
	h.ok(err)
	for _, p := range all {
		words = append(words, p.Summary+":"+p.Result)
	}
	return words
}

func replyModes(h *hall) {
	h.withUnits()
	o := h.open(func(in *dispatch.Intake) { in.Name, in.Summary = "张三丰", "张三丰家门口路灯不亮" })
	h.denies(h.mode(o.Number, desk, "loudly", ""), dispatch.Refusal{Field: "mode", Rule: "ZZ-9.2"}, dispatch.ErrInvalid)
	h.denies(h.mode(o.Number, clerk, dispatch.ReplyPublic, ""), dispatch.Refusal{Field: "role", Rule: "ZZ-9.2"}, dispatch.ErrRole)
	h.ok(h.mode(o.Number, clerk, dispatch.ReplyDirect, ""))
	h.ok(h.mode(o.Number, desk, dispatch.ReplyBoth, "")) // who reviews it
	h.same("not before there is an answer", h.published(), []string(nil))
	h.complete(o.Number)
	h.same("the answer, without whose it was", h.published(), []string{"来话人家门口路灯不亮:路灯已修好"})
	h.ok(h.mode(o.Number, desk, dispatch.ReplyDirect, ""))
	h.same("taken back", h.published(), []string(nil))
	h.same("each is on the timeline", h.words(o.Number, dispatch.OnReplyMode), []string{"答复方式:直接回复", "答复方式:直接并公开回复", "答复方式:直接回复"})

	nobody := h.open(func(in *dispatch.Intake) { in.Channel, in.Phone = dispatch.ByWeb, "" })
	for _, mode := range []string{dispatch.ReplyDirect, dispatch.ReplyBoth} {
		h.denies(h.mode(nobody.Number, desk, mode, ""), dispatch.Refusal{Field: "mode", Rule: "ZZ-9.2"}, dispatch.ErrInvalid)
	}
	h.ok(h.mode(nobody.Number, desk, dispatch.ReplyPublic, ""))
	left := h.open(nil)
	h.ok(h.mode(left.Number, desk, dispatch.ReplyPublic, ""))
	_, err := h.Withdraw(h.ctx(), left.Number, clerk, "撤回")
	h.ok(err)
	h.same("of what was withdrawn nothing", h.published(), []string(nil))
}

func onlyTheirs(h *hall) {
	o := h.given(dispatch.Help, on(2026, 11, 20, 10))
	h.denies(h.mode(o.Number, water, dispatch.ReplyPrivate, ""), dispatch.Refusal{Field: "reason", Rule: "ZZ-25"}, dispatch.ErrInvalid)
	h.ok(h.mode(o.Number, water, dispatch.ReplyPrivate, "涉及家庭"))
	for _, mode := range []string{dispatch.ReplyPublic, dispatch.ReplyBoth} {
		h.denies(h.mode(o.Number, desk, mode, "都想知道"), dispatch.Refusal{Field: "mode", Rule: "ZZ-25"}, dispatch.ErrInvalid)
	}
	h.denies(h.mode(o.Number, water, dispatch.ReplyDirect, "可以了"), dispatch.Refusal{Field: "role", Rule: "ZZ-9.2"}, dispatch.ErrRole)
	h.denies(h.mode(o.Number, desk, dispatch.ReplyDirect, ""), dispatch.Refusal{Field: "reason", Rule: "ZZ-25"}, dispatch.ErrInvalid)
	h.same("nothing changed", h.order(o.Number).ReplyMode, dispatch.ReplyPrivate)

	secret := h.open(func(in *dispatch.Intake) { in.Type = dispatch.Report })
	h.denies(h.mode(secret.Number, desk, dispatch.ReplyPublic, ""), dispatch.Refusal{Field: "mode", Rule: "ZZ-25"}, dispatch.ErrInvalid)

	// What becomes confidential after it was public is public no more.
	later := h.open(func(in *dispatch.Intake) { in.Type = dispatch.Suggestion })
	h.ok(h.mode(later.Number, desk, dispatch.ReplyPublic, ""))
	h.complete(later.Number)
	h.same("public", len(h.published()), 1)
	h.alter(later.Number, func(_ dispatch.Tx, o *dispatch.Order) error { o.Confidential = true; return nil })
	h.same("not any more", h.published(), []string(nil))

	h.ok(h.mode(o.Number, desk, dispatch.ReplyDirect, "当事人同意"))
	h.ok(h.mode(o.Number, desk, dispatch.ReplyPublic, ""))
	h.same("who lifted it, and why", strings.Join(h.words(o.Number, dispatch.OnReplyMode), ";"),
		"答复方式:不宜公开,只回复本人,因涉及家庭;答复方式:直接回复,因当事人同意;答复方式:公开回复")
}

// Elsewhere nothing is published: no other hotline's regulation asks for it.
func TestNothingIsPublishedElsewhere(t *testing.T) {
	for _, id := range []string{"sq", "kf", "zq", "xz"} {
		h := newHall(t, id, t.TempDir()+"/h.db")
		o := h.open(nil)
		h.denies(h.mode(o.Number, desk, dispatch.ReplyPublic, ""), dispatch.Refusal{Field: "mode", Rule: "ZZ-9.2"}, dispatch.ErrInvalid)
	}
}
