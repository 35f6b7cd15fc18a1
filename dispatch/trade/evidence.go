package trade

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// evidenceFormat is what a manifest says it is; a signature covers it and the manifest.
const evidenceFormat = "hotline-evidence-1"

// The two files of a bundle that its manifest does not list.
const (
	manifestName  = "manifest.json"
	signatureName = "manifest.sig"
)

// Evidence is what a bundle says of itself.
type Evidence struct {
	Order    string    `json:"order"`
	Hotline  string    `json:"hotline"`
	By       string    `json:"by"`     // who exported it
	Reason   string    `json:"reason"` // and why (ZQ-24)
	At       time.Time `json:"at"`
	Withheld []string  `json:"withheld"` // what is not in it, and by which clause
}

// Part is one file of a bundle.
type Part struct {
	Name string // with slashes, such as recordings/ID.wav
	Open func() (io.ReadCloser, error)
}

// Manifest lists all that a bundle has.
type Manifest struct {
	Format string `json:"format"`
	Evidence
	PublicKey string         `json:"public_key"` // Ed25519, base64; compare it with what the hotline told
	Files     []ManifestFile `json:"files"`
}

// ManifestFile is one file as it was when the bundle was made.
type ManifestFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

// Seal writes a bundle: a zip of the parts, their manifest, and its signature. What fails
// half-way has no manifest and is not verified.
func Seal(w io.Writer, key ed25519.PrivateKey, e Evidence, parts iter.Seq2[Part, error]) error {
	z := zip.NewWriter(w)
	m := Manifest{Format: evidenceFormat, Evidence: e, PublicKey: PublicKey(key), Files: []ManifestFile{}}
	for p, err := range parts {
		if err != nil {
			return err
		}
		f, err := pack(z, p, e.At)
		if err != nil {
			return fmt.Errorf("seal %s: %w", p.Name, err)
		}
		m.Files = append(m.Files, f)
	}
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	signature := base64.StdEncoding.EncodeToString(ed25519.Sign(key, signed(text)))
	for name, src := range map[string][]byte{manifestName: text, signatureName: []byte(signature + "\n")} {
		p := Part{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(src)), nil }}
		if _, err := pack(z, p, e.At); err != nil {
			return fmt.Errorf("seal %s: %w", name, err)
		}
	}
	return z.Close()
}

// signed is what a signature covers: nothing else of ours can be taken for it.
func signed(manifest []byte) []byte { return append([]byte(evidenceFormat+"\n"), manifest...) }

// pack puts a part into the zip and says what it was.
func pack(z *zip.Writer, p Part, at time.Time) (ManifestFile, error) {
	src, err := p.Open()
	if err != nil {
		return ManifestFile{}, err
	}
	defer src.Close()
	w, err := z.CreateHeader(&zip.FileHeader{Name: p.Name, Method: zip.Deflate, Modified: at})
	if err != nil {
		return ManifestFile{}, err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, h), src)
	return ManifestFile{Name: p.Name, Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

// PublicKey is a key's public half as people pass it on.
func PublicKey(key ed25519.PrivateKey) string {
	public, _ := key.Public().(ed25519.PublicKey)
	return base64.StdEncoding.EncodeToString(public)
}

// ParsePublicKey reads what PublicKey wrote.
func ParsePublicKey(s string) (ed25519.PublicKey, error) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s))
	if err != nil || len(b) != ed25519.PublicKeySize {
		return nil, errors.New("no Ed25519 public key in base64")
	}
	return b, nil
}

// Key is the key that bundles are signed with, from a folder's file evidence.key. The first
// time it is made, its owner's alone (0600); a file that others may read is refused.
func Key(dir string) (ed25519.PrivateKey, error) {
	file := filepath.Join(dir, "evidence.key")
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		if err := makeKey(dir, file); err != nil {
			return nil, fmt.Errorf("evidence key: %w", err)
		}
	}
	st, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("evidence key: %w", err)
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("evidence key: %s can be read by others (%04o); make it 0600, or remove it for a new key", file, st.Mode().Perm())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("evidence key: %w", err)
	}
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("evidence key: %s is no key", file)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// makeKey writes a new key whole before it has its name: of two who do so at once, one key
// stays.
func makeKey(dir, file string) error {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := rand.Read(seed); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".evidence") // 0600
	if err != nil {
		return err
	}
	_, err = tmp.WriteString(base64.StdEncoding.EncodeToString(seed) + "\n")
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Link(tmp.Name(), file)
	}
	if errors.Is(err, os.ErrExist) {
		err = nil
	}
	return errors.Join(err, os.Remove(tmp.Name()))
}
