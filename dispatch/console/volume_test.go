package console_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/trade"
)

// TestVolumeOfAMonth_KF_3_7_1: what a month completed is in its volume, with a catalogue; what is
// open waits for the month that completes it, and a file that is changed is found out.
func TestVolumeOfAMonth_KF_3_7_1(t *testing.T) {
	b := newBench(t)
	done := map[string]bool{}
	for i := range 50 {
		o, err := b.office.Open(t.Context(), dispatch.Intake{Channel: dispatch.ByPhone, Type: dispatch.Help, Phone: citizen, Summary: fmt.Sprint("路灯", i)})
		must(t, err)
		_, err = b.office.Complete(t.Context(), o.Number, dispatch.Completion{Actor: "agent:admin", Result: "已修好"})
		must(t, err)
		done[o.Number] = true
	}
	open, err := b.office.Open(t.Context(), dispatch.Intake{Channel: dispatch.ByPhone, Type: dispatch.Help, Phone: citizen, Summary: "未结"})
	must(t, err)
	c := b.browser()
	month := map[string]any{"month": "2026-11", "reason": "每月归档"}
	c.post("/export/volume", month).want(t, 422, `"field":"month"`, "KF-3.7.1") // it is not over
	c.post("/export/volume", map[string]any{"month": "11月以来", "reason": "x"}).want(t, 422, `"field":"month"`)
	b.clock.Advance(10 * 24 * time.Hour)
	_, err = b.office.Complete(t.Context(), open.Number, dispatch.Completion{Actor: "agent:admin", Result: "已修好"})
	must(t, err)
	c = b.browser()
	a := c.post("/export/volume", month)
	a.want(t, 200)
	files, m := c.inside(a.body)
	var book []struct {
		Order string
		Files []string
	}
	must(t, json.Unmarshal([]byte(files["catalogue.json"]), &book))
	if len(book) != 50 || m.Order != "2026-11 归档卷" {
		t.Errorf("%d orders in %s", len(book), m.Order)
	}
	for _, line := range book {
		if !done[line.Order] || !strings.Contains(files[line.Order+"/order.json"], line.Order) || len(line.Files) < 10 {
			t.Errorf("in the catalogue: %+v", line)
		}
	}
	if _, ok := files[open.Number+"/order.json"]; ok {
		t.Error("what December completed is in November's volume")
	}
	for name, text := range files {
		if strings.Contains(text, citizen) {
			t.Errorf("%s tells a number", name)
		}
	}
	public, err := trade.ParsePublicKey(m.PublicKey)
	must(t, err)
	spoilt := []byte(a.body)
	spoilt[strings.Index(a.body, book[0].Order+"/events.json")+len(book[0].Order+"/events.json")+30]++
	verdict, err := trade.Verify(strings.NewReader(string(spoilt)), int64(len(spoilt)), public)
	if err == nil && len(verdict.Findings) == 0 {
		t.Error("a changed file is not found out")
	}
	c.get("/audit?act=exported").want(t, 200, "volume 2026-11", "KF-3.7.1")
}

// TestVolumeHasSoundAndPapers_KF_3_7_3_KF_3_7_4: recordings and attachments of its orders, and
// the month's papers, pictures and films that belong to none, each with its hash; of an
// informant's order neither.
func TestVolumeHasSoundAndPapers_KF_3_7_3_KF_3_7_4(t *testing.T) {
	b := newBench(t)
	s := b.story()
	desk := dispatch.By{Actor: "office:1", Role: dispatch.ByOffice}
	secret := dispatch.Paper{Name: "证据.txt", Content: []byte("举报人的证据")}
	_, err := b.office.Attach(t.Context(), s.secret.Number, desk, secret)
	must(t, err)
	paper, err := b.office.Open(t.Context(), dispatch.Intake{Channel: dispatch.ByPhone, Type: dispatch.Help, Summary: "路灯"})
	must(t, err)
	_, err = b.office.Attach(t.Context(), paper.Number, desk, dispatch.Paper{Name: "批示.txt", Content: []byte("领导批示")})
	must(t, err)
	for _, number := range []string{paper.Number, s.secret.Number} {
		_, err = b.office.Complete(t.Context(), number, dispatch.Completion{Actor: "agent:admin", Result: "已修好"})
		must(t, err)
	}
	dir := filepath.Join(filepath.Dir(b.file), "materials", "2026-11", "现场")
	must(t, os.MkdirAll(dir, 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "one.mp4"), []byte("现场录像"), 0o600))
	must(t, os.WriteFile(filepath.Join(filepath.Dir(dir), "讲话.txt"), []byte("市领导讲话"), 0o600))
	b.clock.Advance(10 * 24 * time.Hour)
	c := b.browser()
	a := c.post("/export/volume", map[string]any{"month": "2026-11", "reason": "每月归档"})
	a.want(t, 200)
	files, m := c.inside(a.body)
	hashed := map[string]bool{}
	for _, f := range m.Files {
		hashed[f.Name] = len(f.SHA256) == 64
	}
	attached, err := b.store.Attachments(t.Context(), paper.Number)
	must(t, err)
	for name, want := range map[string]string{
		s.order.Number + "/recordings/vm1.wav":                   string(wav(8000)),
		paper.Number + "/attachments/" + attached[0].ID + ".txt": "领导批示",
		"materials/现场/one.mp4":                                   "现场录像", "materials/讲话.txt": "市领导讲话",
	} {
		if files[name] != want || !hashed[name] {
			t.Errorf("%s is not in the volume as it was, with its hash", name)
		}
	}
	for name, text := range files {
		if strings.Contains(text, "举报人的证据") || strings.Contains(text, "13698765432") || strings.Contains(text, "举报人甲") {
			t.Errorf("%s tells of an informant", name)
		}
	}
	if !strings.Contains(files["catalogue.json"], "KF-3.1.5") {
		t.Error("what is withheld is not named")
	}
}
