package trade

import (
	"archive/zip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxManifest bounds what is read of a bundle before its signature is known to be right.
const maxManifest = 8 << 20

// Verdict is what became of a verification.
type Verdict struct {
	Manifest Manifest
	Findings []string // what is changed, missing or added, in Chinese; none: it is as it was made
}

// Verify says whether a bundle is as the hotline with the public key made it: whether the
// manifest is signed, and which files are changed, missing or added. The key that the bundle
// itself names proves nothing: whoever changes a bundle can sign it with one of their own.
func Verify(r io.ReaderAt, size int64, public ed25519.PublicKey) (Verdict, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return Verdict{}, fmt.Errorf("no bundle: %w", err)
	}
	files := map[string]*zip.File{}
	var v Verdict
	for _, f := range z.File {
		if files[f.Name] != nil {
			v.find("重复:%s", f.Name)
		}
		files[f.Name] = f
	}
	text, err := small(files[manifestName])
	if err != nil {
		return v, fmt.Errorf("%s: %w", manifestName, err)
	}
	signature, err := small(files[signatureName])
	if err != nil {
		return v, fmt.Errorf("%s: %w", signatureName, err)
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(signature)))
	if err != nil || !ed25519.Verify(public, signed(text), raw) {
		v.find("签名不符:清单被改动,或不是此公钥的热线所签")
	}
	if err := json.Unmarshal(text, &v.Manifest); err != nil || v.Manifest.Format != evidenceFormat {
		return v, fmt.Errorf("%s: not of the form %s", manifestName, evidenceFormat)
	}
	for _, want := range v.Manifest.Files {
		f := files[want.Name]
		if f == nil {
			v.find("缺少:%s", want.Name)
			continue
		}
		delete(files, want.Name)
		if !want.is(f) {
			v.find("被改动:%s", want.Name)
		}
	}
	for _, f := range z.File { // in their order
		if files[f.Name] == f && f.Name != manifestName && f.Name != signatureName {
			v.find("多出:%s", f.Name)
		}
	}
	return v, nil
}

func (v *Verdict) find(format string, args ...any) {
	v.Findings = append(v.Findings, fmt.Sprintf(format, args...))
}

// is says whether a file is the one that was listed. No more than its size is unpacked.
func (want ManifestFile) is(f *zip.File) bool {
	src, err := f.Open()
	if err != nil {
		return false
	}
	defer src.Close()
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(src, max(want.Size, 0)+1))
	return err == nil && n == want.Size && hex.EncodeToString(h.Sum(nil)) == want.SHA256
}

// small reads a file that is not large.
func small(f *zip.File) ([]byte, error) {
	if f == nil {
		return nil, errors.New("缺少")
	}
	src, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer src.Close()
	b, err := io.ReadAll(io.LimitReader(src, maxManifest+1))
	if err == nil && len(b) > maxManifest {
		err = errors.New("too large")
	}
	return b, err
}
