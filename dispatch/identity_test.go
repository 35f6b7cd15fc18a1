package dispatch_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/dispatch"
)

// TestRealNames_XZ_12_1: one form for every channel; the number of a paper is nowhere in the
// database as it is, nowhere in a timeline, and shown for a reason that is kept.
func TestRealNames_XZ_12_1(t *testing.T) {
	const paper = "32030119900307123X"
	file := filepath.Join(t.TempDir(), "h.db")
	h := newHall(t, "xz", file)
	o := h.open(func(in *dispatch.Intake) { in.Channel = dispatch.ByCounter })
	h.same("counter", h.order(o.Number).Channel, dispatch.ByCounter)
	person := dispatch.Person{Name: "王五", Kind: "id_card", Number: strings.ToLower(paper), Verified: true}
	_, err := h.Identify(h.ctx(), o.Number, clerk, person)
	h.denies(err, dispatch.Refusal{Field: "id_number", Rule: "XZ-12.1"}, dispatch.ErrIllegal) // no key
	h.config.Secret = []byte("the hotline's own secret")
	h.Office = dispatch.NewOffice(h.config)
	for field, p := range map[string]dispatch.Person{
		"name":      {Kind: "id_card"},
		"kind":      {Name: "王五", Kind: "card"},
		"id_number": {Name: "王五", Kind: "id_card", Number: "32030119900307 123X"},
	} {
		_, err = h.Identify(h.ctx(), o.Number, clerk, p)
		h.denies(err, dispatch.Refusal{Field: field, Rule: "XZ-12.1"}, dispatch.ErrInvalid)
	}
	_, err = h.Identify(h.ctx(), o.Number, water, person)
	if err == nil {
		t.Error("a unit writes who asks")
	}
	got, err := h.Identify(h.ctx(), o.Number, clerk, person)
	h.ok(err)
	h.same("name", got.Name, "王五")
	phoned := h.open(func(in *dispatch.Intake) { in.Phone = "13812345670" })
	_, err = h.Identify(h.ctx(), phoned.Number, clerk, person)
	h.denies(err, dispatch.Refusal{Field: "verified", Rule: "XZ-12.1"}, dispatch.ErrInvalid)
	person.Verified, person.Number = false, ""
	_, err = h.Identify(h.ctx(), phoned.Number, clerk, person) // nobody has to tell it
	h.ok(err)

	for _, e := range h.events(o.Number) {
		if strings.Contains(e.Text, paper) {
			t.Errorf("in the timeline: %q", e.Text)
		}
	}
	_, err = h.Identity(h.ctx(), o.Number, "leader:陈", " ")
	h.denies(err, dispatch.Refusal{Field: "reason", Rule: "ZQ-24"}, dispatch.ErrInvalid)
	p, err := h.Identity(h.ctx(), o.Number, "leader:陈", "上门核实")
	h.ok(err)
	h.same("shown", p, dispatch.Person{Name: "王五", Kind: "id_card", Number: paper, Verified: true})
	audits, err := h.store.Audits(h.ctx(), o.Number)
	h.ok(err)
	h.same("audited", []any{len(audits), audits[0].Act, audits[0].Text}, []any{1, dispatch.ActIdentity, "上门核实"})
	h.config.Secret = []byte("another secret")
	if _, err = dispatch.NewOffice(h.config).Identity(h.ctx(), o.Number, "leader:陈", "核实"); err == nil {
		t.Error("another key opens it")
	}
	if _, err = h.Identity(h.ctx(), h.open(func(in *dispatch.Intake) { in.Phone = landline }).Number, "leader:陈", "核实"); !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("nobody told it: %v", err)
	}
	secret := h.open(func(in *dispatch.Intake) { in.Type, in.Phone = dispatch.Report, "13812345671" })
	_, err = h.Identify(h.ctx(), secret.Number, clerk, dispatch.Person{Name: "赵六", Kind: "id_card", Number: paper})
	h.ok(err)
	_, err = h.Identity(h.ctx(), secret.Number, "leader:陈", "核实")
	h.denies(err, dispatch.Refusal{Rule: "KF-3.1.5"}, dispatch.ErrRole)

	h.ok(h.store.Close())
	for _, name := range []string{file, file + "-wal"} {
		content, err := os.ReadFile(name)
		if err == nil && (bytes.Contains(content, []byte(paper)) || bytes.Contains(content, []byte(strings.ToLower(paper)))) {
			t.Errorf("%s has the number as it is", filepath.Base(name))
		}
	}
}
