package main

import (
	"bytes"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/deploy"
	"hotline/dispatch/trade"
)

// TestImportCommand: a dry run tells faults and fails, --only-good writes the rest back, the
// same file twice changes nothing, and what is exported is imported.
func TestImportCommand(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "deploy"), deploy.Files); err != nil {
		t.Fatal(err)
	}
	table := filepath.Join(dir, "units.csv")
	write := func(text string) {
		if err := os.WriteFile(table, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bring := func(args ...string) (string, error) {
		return runCommand(t, newImportCommand(), append([]string{"units", table, "--deploy", filepath.Join(dir, "deploy"), "--profile", "zz"}, args...)...)
	}
	want := func(step string, fails bool, words string, args ...string) {
		t.Helper()
		if out, err := bring(args...); (err != nil) != fails || !strings.Contains(out, words) {
			t.Errorf("%s: %v, %q is not in\n%s", step, err, words, out)
		}
	}
	write("单位编号,单位名称,电话\nwater,水务局,\nroads,住建局,多\n")
	want("dry", true, "第3行C列(电话):不是电话号码 [rec]", "--dry-run")
	want("whole", true, "未写入 / nothing written")
	want("only good", true, "units.rejected.csv", "--only-good")
	want("again", true, "新增 0,更改 0,不变 1,有错 1", "--only-good")
	if back, err := os.ReadFile(filepath.Join(dir, "units.rejected.csv")); err != nil || !strings.Contains(string(back), "roads,住建局,多,第3行C列") {
		t.Errorf("%s, %v", back, err)
	}
	out, err := runCommand(t, newExportCommand(), "units", "--deploy", filepath.Join(dir, "deploy"), "--profile", "zz", "--format", "xlsx")
	if err != nil {
		t.Fatal(err)
	}
	write(out)
	want("what was exported", false, "无需改动 / nothing to change")
}

// TestExportVerifyCommand: a bundle is held to a key that is known from elsewhere.
func TestExportVerifyCommand(t *testing.T) {
	dir := t.TempDir()
	key, err := trade.Key(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := trade.Seal(&b, key, trade.Evidence{Order: "ZZ1", At: time.Unix(1_800_000_000, 0)}, func(func(trade.Part, error) bool) {}); err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(dir, "ZZ1.zip")
	if err := os.WriteFile(bundle, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	stranger := trade.PublicKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	for name, tt := range map[string]struct {
		args  []string
		words string
		fails bool
	}{
		"own":      {[]string{"--run-dir", dir}, "完好 / intact: ZZ1", false},
		"given":    {[]string{"--key", trade.PublicKey(key)}, "完好 / intact: ZZ1", false},
		"stranger": {[]string{"--key", stranger}, "签名不符", true},
		"none":     {[]string{"--run-dir", filepath.Join(dir, "none")}, "", true},
	} {
		out, err := runCommand(t, newExportCommand(), append([]string{"verify", bundle}, tt.args...)...)
		if (err != nil) != tt.fails || !strings.Contains(out, tt.words) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
