package trade_test

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/dispatch/trade"
)

// sealed is a bundle of two files.
func sealed(t testing.TB, key ed25519.PrivateKey) []byte {
	t.Helper()
	var b bytes.Buffer
	parts := func(yield func(trade.Part, error) bool) {
		for _, name := range []string{"order.json", "recordings/vm1.wav"} {
			p := trade.Part{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("text of " + name)), nil }}
			if !yield(p, nil) {
				return
			}
		}
	}
	must(t, trade.Seal(&b, key, trade.Evidence{Order: "ZZ20261121-00042-7", At: time.Unix(1_800_000_000, 0).UTC(), Withheld: []string{}}, parts))
	return b.Bytes()
}

// repacked is a bundle written anew: change says what becomes of a file, nil leaves it out.
func repacked(t *testing.T, src []byte, change func(name string, text []byte) []byte, added ...string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	must(t, err)
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	put := func(name string, text []byte) {
		f, err := w.Create(name)
		must(t, err)
		_, err = f.Write(text)
		must(t, err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		must(t, err)
		text, err := io.ReadAll(r)
		must(t, err)
		must(t, r.Close())
		if text = change(f.Name, text); text != nil {
			put(f.Name, text)
		}
	}
	for _, name := range added {
		put(name, []byte("text of "+name))
	}
	must(t, w.Close())
	return b.Bytes()
}

// TestVerifyEvidence_ZQ_19: whatever is done to a bundle, the verification says what.
func TestVerifyEvidence_ZQ_19(t *testing.T) {
	key, err := trade.Key(t.TempDir())
	must(t, err)
	other, err := trade.Key(t.TempDir())
	must(t, err)
	whole := sealed(t, key)
	replace := func(name, old, new string) func(string, []byte) []byte {
		return func(n string, text []byte) []byte {
			if n == name {
				return bytes.ReplaceAll(text, []byte(old), []byte(new))
			}
			return text
		}
	}
	without := func(name string) func(string, []byte) []byte {
		return func(n string, text []byte) []byte {
			if n == name {
				return nil
			}
			return text
		}
	}
	same := replace("", "", "")
	for name, tt := range map[string]struct {
		src  []byte
		want []string
		err  bool
	}{
		"as it was":           {src: whole},
		"packed anew":         {src: repacked(t, whole, same)},
		"changed":             {src: repacked(t, whole, replace("order.json", "text", "test")), want: []string{"被改动:order.json"}},
		"longer":              {src: repacked(t, whole, replace("order.json", "text", "text text")), want: []string{"被改动:order.json"}},
		"missing":             {src: repacked(t, whole, without("recordings/vm1.wav")), want: []string{"缺少:recordings/vm1.wav"}},
		"added":               {src: repacked(t, whole, same, "recordings/vm2.wav"), want: []string{"多出:recordings/vm2.wav"}},
		"twice":               {src: repacked(t, whole, same, "order.json"), want: []string{"重复:order.json"}},
		"another manifest":    {src: repacked(t, whole, replace("manifest.json", "00042-7", "00043-5")), want: []string{"签名不符:清单被改动,或不是此公钥的热线所签"}},
		"signed by another":   {src: sealed(t, other), want: []string{"签名不符:清单被改动,或不是此公钥的热线所签"}},
		"without manifest":    {src: repacked(t, whole, without("manifest.json")), err: true},
		"without signature":   {src: repacked(t, whole, without("manifest.sig")), err: true},
		"no zip":              {src: []byte("PK"), err: true},
		"cut off":             {src: whole[:len(whole)/2], err: true},
		"manifest of another": {src: repacked(t, whole, replace("manifest.json", "hotline-evidence-1", "x")), err: true, want: []string{"签名不符:清单被改动,或不是此公钥的热线所签"}},
	} {
		public, err := trade.ParsePublicKey(trade.PublicKey(key))
		must(t, err)
		v, err := trade.Verify(bytes.NewReader(tt.src), int64(len(tt.src)), public)
		if diff := cmp.Diff(tt.want, v.Findings); diff != "" || (err != nil) != tt.err {
			t.Errorf("%s: %v, -want +got\n%s", name, err, diff)
		}
	}
}

// TestEvidenceKey: it is made once and is its owner's alone.
func TestEvidenceKey(t *testing.T) {
	dir := t.TempDir()
	first, err := trade.Key(dir)
	must(t, err)
	again, err := trade.Key(dir)
	must(t, err)
	if !first.Equal(again) {
		t.Error("the key is another")
	}
	file := filepath.Join(dir, "evidence.key")
	st, err := os.Stat(file)
	must(t, err)
	if st.Mode().Perm() != 0o600 {
		t.Errorf("mode %04o", st.Mode().Perm())
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
	must(t, os.Chmod(file, 0o644))
	if _, err := trade.Key(dir); err == nil {
		t.Error("a key that everybody reads is taken")
	}
	must(t, os.Chmod(file, 0o600))
	must(t, os.WriteFile(file, []byte("x"), 0o600))
	if _, err := trade.Key(dir); err == nil {
		t.Error("no key is taken for one")
	}
}

// FuzzVerify: no file breaks the verification, and none but the hotline's own passes.
func FuzzVerify(f *testing.F) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	whole := sealed(f, key)
	f.Add(whole)
	f.Add([]byte("PK\x05\x06"))
	public, err := trade.ParsePublicKey(trade.PublicKey(key))
	must(f, err)
	f.Fuzz(func(t *testing.T, src []byte) {
		v, err := trade.Verify(bytes.NewReader(src), int64(len(src)), public)
		if err == nil && len(v.Findings) == 0 && (v.Manifest.Order != "ZZ20261121-00042-7" || len(v.Manifest.Files) != 2) {
			t.Fatalf("passed as %+v", v.Manifest)
		}
	})
}
