package dispatch_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"hotline/dispatch"
)

// TestRecordingsAreKept_KF_3_7_4: as long as the hotline says, longer while their order is not
// archived or is preserved, and each that goes is in the audit.
func TestRecordingsAreKept_KF_3_7_4(t *testing.T) {
	onBoth(t, "kf", map[string]func(*hall){
		"gone when its time is over": recordingsGo,
		"a file that will not go":    recordingThatStays,
		"preserved by whom":          preserving,
		"merged into another":        recordingsOfMerged,
	})
}

// shelved keeps recordings in a folder for ten days.
func (h *hall) shelved() (dir string) {
	h.t.Helper()
	dir = h.t.TempDir()
	h.policy.Archive.RecordingDays = 10
	h.config.Discard = func(_ context.Context, file string) error { return os.Remove(filepath.Join(dir, file)) }
	h.Office = dispatch.NewOffice(h.config)
	h.swept() // the first night is about its own day
	return dir
}

// left is a message of a caller, withdrawn or still to be handled.
func (h *hall) left(dir, id string, withdrawn bool) dispatch.Order {
	h.t.Helper()
	h.ok(os.WriteFile(filepath.Join(dir, id+".wav"), []byte(id), 0o600))
	o, err := h.LeaveVoicemail(h.ctx(), dispatch.Intake{Key: id, Type: dispatch.Help, Phone: citizen, Voicemail: &dispatch.Voicemail{ID: id, File: id + ".wav", At: h.now}})
	h.ok(err)
	if withdrawn {
		o, err = h.Withdraw(h.ctx(), o.Number, desk, "诉求人来电撤回")
		h.ok(err)
	}
	return o
}

// kept lists the recordings of a folder.
func (h *hall) kept(dir string) (names []string) {
	h.t.Helper()
	all, err := os.ReadDir(dir)
	h.ok(err)
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

func recordingsGo(h *hall) {
	dir := h.shelved()
	done := h.left(dir, "done", true)
	held := h.left(dir, "held", true)
	h.left(dir, "open", false)
	_, err := h.Preserve(h.ctx(), held.Number, desk, dispatch.Preserving{On: true, Reason: "诉讼中"})
	h.ok(err)
	h.now = h.at("2026-11-25 10:00:00")
	h.left(dir, "young", true)
	h.clock("2026-11-30 03:00:00")
	h.same("all of the time", h.kept(dir), []string{"done.wav", "held.wav", "open.wav", "young.wav"})
	h.clock("2026-12-01 02:59:59")
	h.same("not before three at night", len(h.kept(dir)), 4)
	h.clock("2026-12-01 03:00:00")
	h.same("one is over", h.kept(dir), []string{"held.wav", "open.wav", "young.wav"})
	v, err := h.store.VoicemailBy(h.ctx(), "done")
	h.ok(err)
	h.same("no file any more", v.File, "")
	h.same("on the order", h.rules(done.Number, dispatch.OnDiscarded), []string{"KF-3.7.4"})
	audit, err := h.store.AuditLog(h.ctx(), dispatch.Filter{Act: dispatch.ActDiscard})
	h.ok(err)
	h.same("in the audit", []any{len(audit), audit[0].Subject, audit[0].Text}, []any{1, "done", "满10天"})
	_, err = h.Preserve(h.ctx(), held.Number, desk, dispatch.Preserving{Reason: "已判决"})
	h.ok(err)
	h.clock("2026-12-02 03:00:00")
	h.same("preserved no longer", h.kept(dir), []string{"open.wav", "young.wav"})
	h.clock("2026-12-06 03:00:00")
	h.same("the youngest", h.kept(dir), []string{"open.wav"})
}

// What cannot be removed tonight is tried again, and one that is gone already is as good as
// removed.
func recordingThatStays(h *hall) {
	dir := h.shelved()
	h.left(dir, "stuck", true)
	h.left(dir, "lost", true)
	h.ok(os.Remove(filepath.Join(dir, "lost.wav")))
	remove, broken := h.config.Discard, true
	h.config.Discard = func(ctx context.Context, file string) error {
		if broken && file == "stuck.wav" {
			return fs.ErrPermission
		}
		return remove(ctx, file)
	}
	h.Office = dispatch.NewOffice(h.config)
	h.clock("2026-12-01 03:00:00")
	old, err := h.store.OldRecordings(h.ctx(), h.now, dispatch.Voicemail{}, 10)
	h.ok(err)
	h.same("one is left to do", []any{h.kept(dir), len(old)}, []any{[]string{"stuck.wav"}, 1})
	broken = false
	h.clock("2026-12-02 03:00:00")
	h.same("the night after", len(h.kept(dir)), 0)
}

// What was merged into another is needed as long as that one is.
func recordingsOfMerged(h *hall) {
	dir := h.shelved()
	first := h.left(dir, "first", false)
	again := h.left(dir, "again", false)
	_, err := h.Merge(h.ctx(), again.Number, desk, first.Number)
	h.ok(err)
	h.clock("2026-12-01 03:00:00")
	h.same("the other is open", h.kept(dir), []string{"again.wav", "first.wav"})
	_, err = h.Withdraw(h.ctx(), first.Number, desk, "诉求人来电撤回")
	h.ok(err)
	_, err = h.Preserve(h.ctx(), first.Number, desk, dispatch.Preserving{On: true, Reason: "诉讼中"})
	h.ok(err)
	h.clock("2026-12-02 03:00:00")
	h.same("the other is preserved", h.kept(dir), []string{"again.wav", "first.wav"})
	_, err = h.Preserve(h.ctx(), first.Number, desk, dispatch.Preserving{Reason: "已判决"})
	h.ok(err)
	h.clock("2026-12-03 03:00:00")
	h.same("nobody needs them", len(h.kept(dir)), 0)
}

func preserving(h *hall) {
	dir := h.shelved()
	o := h.left(dir, "one", true)
	_, err := h.Preserve(h.ctx(), o.Number, desk, dispatch.Preserving{On: true})
	h.denies(err, dispatch.Refusal{Field: "reason", Rule: "KF-3.7.4"}, dispatch.ErrInvalid)
	_, err = h.Preserve(h.ctx(), o.Number, road, dispatch.Preserving{On: true, Reason: "x"})
	if !errors.Is(err, dispatch.ErrRole) && !errors.Is(err, dispatch.ErrNotFound) {
		h.t.Errorf("a unit: %v", err)
	}
	if kinds := h.words(o.Number, dispatch.OnPreserved); slices.Contains(kinds, "保全:x") {
		h.t.Errorf("preserved by a unit: %v", kinds)
	}
}
