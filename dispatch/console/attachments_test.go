package console_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/console"
)

// attach brings a file.
func (c *client) attach(number, name, content string) answer {
	c.t.Helper()
	return c.post("/orders/"+number+"/attach", map[string]any{"name": name, "file": base64.StdEncoding.EncodeToString([]byte(content))})
}

// files are the attachments that somebody sees.
func (c *client) files(number string) (list []struct{ ID, Name string }) {
	c.t.Helper()
	var v struct {
		Items []struct{ ID, Name string }
	}
	c.get("/orders/"+number+"/attachments").into(c.t, &v)
	return v.Items
}

// TestAttachmentsByAPI: what a unit brings comes back byte by byte, also where it holds what
// looks like another order's number, and is in the order's evidence.
func TestAttachmentsByAPI(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	number, other := c.newOrder(), c.newOrder()
	b.give(number, "water", "")
	unit := b.person("water")
	content := "%PDF " + other + "\x00\xff" + strings.Repeat("x", 1<<20)
	unit.attach(number, "申请表 13812345678.pdf", content).want(t, 200, number)
	files := unit.files(number)
	if len(files) != 1 || files[0].Name != "申请表 138****5678.pdf" {
		t.Fatalf("%+v", files)
	}
	a := unit.get("/orders/" + number + "/attachments/" + files[0].ID)
	if a.status != 200 || a.body != content {
		t.Errorf("%d, %d bytes", a.status, len(a.body))
	}
	for name, want := range map[string]string{"Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff", "Content-Disposition": "attachment; filename*=utf-8''"} {
		if got := a.header.Get(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", name, got)
		}
	}
	unit.get("/orders/"+other+"/attachments").want(t, 404)
	c.get("/orders/"+other+"/attachments/"+files[0].ID).want(t, 404)
	c.attach(number, "a.exe", "x").want(t, 422, `"field":"name"`)
	c.post("/orders/"+number+"/attach", map[string]any{"name": "a.pdf", "file": "!"}).want(t, 422, `"field":"file"`)
	c.attach(number, "a.pdf", strings.Repeat("x", dispatch.MaxAttachment+1)).want(t, 422, `"field":"file"`)
	c.attach(number, "a.pdf", strings.Repeat("x", dispatch.MaxAttachment+1<<20)).want(t, http.StatusRequestEntityTooLarge)
	bundle := c.post("/export/orders/"+number, map[string]any{"reason": "核查"})
	bundle.want(t, 200)
	if inside, _ := c.inside(bundle.body); inside["attachments/"+files[0].ID+".pdf"] != content || !strings.Contains(inside["attachments.json"], "sha256") {
		t.Error("the file is not in the evidence")
	}
}

// TestAttachmentsOfInformants_KF_3_1_5: of what the hotline holds a unit learns nothing, not
// even that there is something.
func TestAttachmentsOfInformants_KF_3_1_5(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	o, err := b.office.Open(t.Context(), dispatch.Intake{Channel: dispatch.ByWeb, Type: dispatch.Report, Phone: "13698765432", Name: "举报人甲", Summary: "举报"})
	must(t, err)
	b.give(o.Number, "water", "")
	c.attach(o.Number, "举报人甲的身份证.png", "identity").want(t, 200)
	b.clock.Advance(time.Second)
	unit, agent := b.person("water"), b.whoIs(one(console.Agent))
	unit.attach(o.Number, "调查报告.pdf", "report").want(t, 200)
	for who, want := range map[*client]int{unit: 1, agent: 1, c: 2} {
		files := who.files(o.Number)
		if len(files) != want || files[want-1].Name != "调查报告.pdf" {
			t.Errorf("%d files: %+v", want, files)
		}
	}
	hidden := c.files(o.Number)[0]
	unit.get("/orders/"+o.Number+"/attachments/"+hidden.ID).want(t, 404)
	c.get("/orders/"+o.Number+"/attachments/"+hidden.ID).want(t, 200, "identity")
	c.get("/audit?act=attachment_taken").want(t, 200, hidden.ID, "KF-3.1.5")
	if a := unit.get("/orders/" + o.Number + "/events"); strings.Contains(a.body, "身份证") {
		t.Error(a.body)
	}
	bundle := c.post("/export/orders/"+o.Number, map[string]any{"reason": "核查"})
	files, m := c.inside(bundle.body)
	for name, text := range files {
		if strings.Contains(text, "身份证") || strings.Contains(text, "identity") {
			t.Errorf("%s: %.300s", name, text)
		}
	}
	if len(m.Withheld) != 1 || !strings.Contains(m.Withheld[0], hidden.ID) {
		t.Errorf("withheld %q", m.Withheld)
	}
}
