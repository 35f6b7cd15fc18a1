package console_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/console"
	"hotline/dispatch/trade"
)

// exchange is the real tables and bundles, over the bench's office.
type exchange struct {
	b   *bench
	dir string // where its key is
}

func (e exchange) Import(ctx context.Context, in console.ImportJob) (console.ImportReport, error) {
	rep, err := trade.Intake{Office: e.b.office, Record: e.b.store, Now: e.b.clock.Now}.Import(ctx, in.By,
		trade.Job{Kind: trade.Kind(in.Kind), Source: in.Source, Dry: in.Dry, OnlyGood: in.OnlyGood})
	v := console.ImportReport{Kind: in.Kind, New: rep.New, Bad: rep.Bad, Written: rep.Written, Rejected: rep.Rejected}
	for _, f := range rep.Faults {
		v.Faults = append(v.Faults, console.ImportFault(f))
	}
	return v, err
}

func (e exchange) Table(w io.Writer, format string, rows iter.Seq2[[]string, error]) error {
	return trade.Write(w, format, rows)
}

func (e exchange) Seal(w io.Writer, about console.Evidence, parts iter.Seq2[console.Piece, error]) error {
	key, err := trade.Key(e.dir)
	if err != nil {
		return err
	}
	return trade.Seal(w, key, trade.Evidence{Order: about.Order, By: about.By, Reason: about.Reason, At: about.At, Withheld: about.Withheld},
		func(yield func(trade.Part, error) bool) {
			for p, err := range parts {
				if !yield(trade.Part(p), err) {
					return
				}
			}
		})
}

func (e exchange) PublicKey() (string, error) {
	key, err := trade.Key(e.dir)
	return trade.PublicKey(key), err
}

// inside is every file of a bundle, once it was verified with the key that the API tells.
func (c *client) inside(bundle string) (files map[string]string, m trade.Manifest) {
	c.t.Helper()
	var v struct {
		Key string `json:"public_key"`
	}
	c.get("/evidence-key").into(c.t, &v)
	public, err := trade.ParsePublicKey(v.Key)
	must(c.t, err)
	r := strings.NewReader(bundle)
	verdict, err := trade.Verify(r, r.Size(), public)
	if err != nil || len(verdict.Findings) > 0 {
		c.t.Fatalf("verify: %v, %v", verdict.Findings, err)
	}
	z, err := zip.NewReader(r, r.Size())
	must(c.t, err)
	files = map[string]string{}
	for _, f := range z.File {
		src, err := f.Open()
		must(c.t, err)
		text, err := io.ReadAll(src)
		must(c.t, err)
		files[f.Name] = string(text)
	}
	return files, verdict.Manifest
}

// TestEvidenceOfAnOrder_ZQ_19: everything about an order is in its bundle, with clauses, and
// so is that it was exported.
func TestEvidenceOfAnOrder_ZQ_19(t *testing.T) {
	b := newBench(t)
	s := b.story()
	c := b.browser()
	a := c.post("/export/orders/"+s.order.Number, map[string]any{"reason": "移送纪检"})
	a.want(t, 200)
	files, m := c.inside(a.body)
	if m.Order != s.order.Number || m.By != "agent:admin" || m.Reason != "移送纪检" || len(m.Withheld) != 0 {
		t.Errorf("%+v", m)
	}
	for name, words := range map[string][]string{
		"order.json": {s.order.Number, "ZZ-17", "已修好", "138****5678"}, "events.json": {`"rule": "ZZ-20.2"`, "导出证据包:移送纪检"},
		"calls.json": {`"what": "ring"`}, "texts.json": {`"kind": "survey"`}, "surveys.json": {`"rating": 5`}, "callbacks.json": {s.callback.ID},
		"voicemails.json": {"vm1"}, "audit.json": {`"act": "exported"`, "移送纪检"}, "audit-head.json": {`"seq"`},
		"assignments.json": nil, "links.json": nil, "reviews.json": nil,
	} {
		for _, w := range append(words, "") {
			if text, ok := files[name]; !ok || !strings.Contains(text, w) {
				t.Errorf("%q is not in %s: %s", w, name, text)
			}
		}
	}
	if files["recordings/vm1.wav"] != string(wav(8000)) {
		t.Error("the recording is another")
	}
	for name, text := range files {
		if strings.Contains(text, citizen) || tellsCode(text, s.order.PIN) {
			t.Errorf("%s tells a number or a code", name)
		}
	}
	c.get("/audit?act=exported").want(t, 200, s.order.Number, "ZQ-24")
	c.post("/export/orders/ZZ20261121-00042-7", map[string]any{"reason": "x"}).want(t, 404)
}

// TestExportsHideInformants_KF_3_1_5: no bundle and no table tells who informed, by name,
// number or voice.
func TestExportsHideInformants_KF_3_1_5(t *testing.T) {
	b := newBench(t)
	s := b.story()
	o, err := b.office.LeaveVoicemail(t.Context(), dispatch.Intake{Type: dispatch.Report, Phone: "13698765432", Name: "举报人甲",
		Voicemail: &dispatch.Voicemail{ID: "vm2", File: "two.wav"}})
	must(t, err)
	c := b.browser()
	var all []string
	for _, number := range []string{s.secret.Number, o.Number, s.order.Number} {
		a := c.post("/export/orders/"+number, map[string]any{"reason": "核查"})
		a.want(t, 200)
		files, m := c.inside(a.body)
		for name, text := range files {
			all = append(all, name, text)
		}
		if number == o.Number && (len(m.Withheld) != 1 || files["recordings/vm2.wav"] != "") {
			t.Errorf("withheld %q", m.Withheld)
		}
	}
	for _, format := range trade.Formats {
		a := c.post("/export/orders", map[string]any{"format": format, "reason": "月报"})
		a.want(t, 200)
		table, err := trade.Read([]byte(a.body))
		must(t, err)
		if len(table.Rows) != 3 || !slices.Contains(table.Rows[0].Cells, "(保密)") || !slices.Contains(table.Rows[2].Cells, "138****5678") {
			t.Errorf("%s: %+v", format, table.Rows)
		}
		for _, row := range table.Rows {
			if !strings.HasPrefix(row.Cells[len(row.Cells)-1], "agent:admin 2026-11-23 10:") {
				t.Errorf("no mark of who exported in %q", row.Cells)
			}
			all = append(all, row.Cells...)
		}
	}
	for _, text := range all {
		for _, secret := range []string{"13698765432", "****5432", "举报人甲"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is told: %.200s", secret, text)
			}
		}
	}
}

// TestRosterIsTheOffices_SQ_2_2: nobody but the hotline's own office changes who is on duty.
func TestRosterIsTheOffices_SQ_2_2(t *testing.T) {
	b := newBench(t)
	body := map[string]any{"kind": "roster", "file": base64.StdEncoding.EncodeToString([]byte("星期,时段,值班\n一,全天,甲\n"))}
	for _, role := range console.Roles {
		a := b.whoIs(console.Account{Name: "who-" + string(role), Roles: []console.Role{role}, Unit: map[console.Role]string{console.UnitHandler: "water", console.UnitHead: "water"}[role]}).post("/import", body)
		if role == console.HotlineAdmin {
			if a.status == 403 {
				t.Errorf("%s may not: %s", role, a.body)
			}
			continue
		}
		a.want(t, 403, "ZZ-4")
	}
}

// TestExportIsNotForEverybody_ZQ_24: units and agents take nothing out as a file.
func TestExportIsNotForEverybody_ZQ_24(t *testing.T) {
	b := newBench(t)
	s := b.story()
	head := b.whoIs(console.Account{Name: "head", Roles: []console.Role{console.UnitHead}, Unit: "water"})
	agent := b.whoIs(console.Account{Name: "agent", Roles: []console.Role{console.Agent}})
	head.post("/export/orders", map[string]any{"format": "csv", "reason": "自查"}).want(t, 403, "ZZ-4")
	head.post("/export/orders/"+s.order.Number, map[string]any{"reason": "x"}).want(t, 403)
	agent.post("/export/orders", map[string]any{"format": "csv", "reason": "x"}).want(t, 403, "ZZ-4")
	agent.post("/import", map[string]any{"kind": "orders", "file": ""}).want(t, 403, "ZZ-4")
}

// TestImportByAPI: a table with faults is told row by row and writes nothing.
func TestImportByAPI(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	send := func(table string, more ...string) answer {
		body := map[string]any{"kind": "orders", "file": base64.StdEncoding.EncodeToString([]byte(table))}
		for _, m := range more {
			body[m] = true
		}
		return c.post("/import", body)
	}
	const head = "外部编号,登记时间,诉求类型,渠道,诉求内容\n"
	good, bad := "Q-1,2026-11-20 09:00,求助,电话,路灯不亮\n", "Q-2,2026-11-20 09:00,求助,电话,\n"
	send(head+good+bad).want(t, 200, `"written":false`, `{"row":3,"column":"E","field":"诉求内容","rule":"ZZ-16.1","text":"请填写诉求内容"}`)
	send(head+good, "dry").want(t, 200, `"written":false`, `"new":1`)
	if list, err := b.store.Orders(t.Context(), dispatch.Filter{}); err != nil || len(list) != 0 {
		t.Fatalf("%+v, %v", list, err)
	}
	send(head+good+bad, "only_good").want(t, 200, `"written":true`, `"new":1`, `"rejected":"77u/`)
	c.get("/orders").want(t, 200, "路灯不亮")
	c.get("/audit?act=imported").want(t, 200, "导入工单 1 件", "agent:admin")
	large := bytes.Repeat([]byte("a"), 9<<20)
	c.post("/import", map[string]any{"kind": "orders", "file": base64.StdEncoding.EncodeToString(large)}).want(t, 413)
}

// TestFiguresAreATable: one of each, for those above, and audited.
func TestFiguresAreATable(t *testing.T) {
	b := newBench(t)
	b.story()
	b.clock.Advance(time.Hour)
	c := b.browser()
	body := map[string]any{"since": "2026-11-01T00:00:00+08:00", "until": b.clock.Now().Format(time.RFC3339), "format": "csv", "reason": "月报"}
	for table, head := range map[string]string{"types": "应办结", "units": "得分", "suggestions": "建议", "calls": "接通率", "seats": "闲置时间", "hot": "同比"} {
		body["table"] = table
		c.post("/export/figures", body).want(t, 200, head)
	}
	if a := c.post("/export/figures", body); strings.Contains(a.body, "13698765432") {
		t.Error("an informant's number")
	}
	body["until"] = "2026-10-01T00:00:00+08:00"
	c.post("/export/figures", body).want(t, 422, `"field":"until"`, "KF-3.6.2")
	c.get("/audit?act=exported").want(t, 200, "calls:月报")
}

// TestReportToAbove_ZZ_3_3_SQ_2_3: what a higher office sent twice is one order, and the table
// that goes back has its number, when it was done, and whether that was in its time.
func TestReportToAbove_ZZ_3_3_SQ_2_3(t *testing.T) {
	b := newBench(t)
	in := dispatch.Intake{Key: "import:SZDH-7", Imported: "SZDH-7", Source: "zz_mayor", Channel: dispatch.ByPhone, Type: dispatch.Help,
		Summary: "路灯不亮", Actor: "import:admin", UpperDue: b.clock.Now().Add(time.Hour)}
	o, err := b.office.Open(t.Context(), in)
	must(t, err)
	again, err := b.office.Open(t.Context(), in)
	must(t, err)
	if again.Number != o.Number {
		t.Errorf("sent twice it is %s and %s", o.Number, again.Number)
	}
	b.clock.Advance(2 * time.Hour)
	_, err = b.office.Complete(t.Context(), o.Number, dispatch.Completion{Actor: "agent:admin", Result: "已修好"})
	must(t, err)
	a := b.browser().post("/export/orders", map[string]any{"format": "csv", "reason": "回报"})
	a.want(t, 200)
	table, err := trade.Read([]byte(a.body))
	must(t, err)
	got := map[string]string{}
	for i, head := range table.Header {
		got[head] = table.Rows[0].Cells[i]
	}
	for head, want := range map[string]string{"上级编号": "SZDH-7", "来源": "zz_mayor", "办结时间": "2026-11-23 12:00", "上级时限": "2026-11-23 11:00", "超上级时限": "是"} {
		if got[head] != want {
			t.Errorf("%s: %q, want %q", head, got[head], want)
		}
	}
}
