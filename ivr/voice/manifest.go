package voice

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Sound is one rendered sound as the manifest lists it.
type Sound struct {
	ID     string  `json:"id"`   // prompt id; "id.1" ... for the parts of one with slots; tok-... for tokens
	Lang   string  `json:"lang"` // tones are under zh
	Hash   string  `json:"hash"` // file name: sounds/<lang>/<first two>/<hash>.<format>
	MS     int     `json:"ms"`   // length, a multiple of 20
	LUFS   float64 `json:"lufs"` // integrated; active RMS in dBFS for sounds under 0.4 s
	Peak   float64 `json:"peak"` // dBFS
	Source string  `json:"source"`
	Text   string  `json:"text"`
	Slots  bool    `json:"slots,omitempty"` // part of a prompt with values in between
}

// The sources a Sound may have; an external command or HTTP voice is its own name.
const (
	SourceHuman  = "human"
	SourceTone   = "tone"
	SourceESpeak = "espeak"
	SourceFlite  = "flite"
)

// Length is how long the sound takes to hear.
func (s Sound) Length() time.Duration { return time.Duration(s.MS) * time.Millisecond }

// path is the file without its extension.
func (s Sound) path(dir string) string {
	return filepath.Join(dir, s.Lang, s.Hash[:2], s.Hash)
}

// Learn tells a listener the name and the file (without extension) of every sound in
// a folder, so that it can say which it hears, and gives the words behind each name.
// A name is the sound's id, in another language than Chinese with "en/" before it. A
// folder without sounds teaches nothing.
func Learn(dir string, listener func(name, file string) error) (words map[string]string, err error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	words = map[string]string{}
	for _, s := range m.Sounds {
		name := s.ID
		if s.Lang != Chinese {
			name = s.Lang + "/" + s.ID
		}
		if err := listener(name, s.path(dir)); err != nil {
			return nil, fmt.Errorf("learn sounds: %w", err)
		}
		words[name] = s.Text
	}
	return words, nil
}

// Manifest lists what a sounds folder holds.
type Manifest struct {
	Format int     `json:"format"`
	Sounds []Sound `json:"sounds"`
}

const manifestName = "manifest.json"

// ReadManifest reads the manifest of a sounds folder; one that is not there is empty.
func ReadManifest(dir string) (Manifest, error) {
	data, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, nil
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("read sounds: %w", err)
	}
	return parseManifest(data)
}

func parseManifest(data []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return Manifest{}, fmt.Errorf("read %s: %w", manifestName, err)
	}
	for _, s := range m.Sounds {
		if !plainHash(s.Hash) || s.MS < 0 || s.Lang != Chinese && s.Lang != English {
			return Manifest{}, fmt.Errorf("read %s: sound %q has no usable file name", manifestName, s.ID)
		}
	}
	return m, nil
}

// plainHash keeps a damaged manifest from naming files elsewhere.
func plainHash(hash string) bool {
	if len(hash) != hashLength {
		return false
	}
	for _, r := range hash {
		if !(r >= '0' && r <= '9' || r >= 'a' && r <= 'f') {
			return false
		}
	}
	return true
}

// soundKey finds a sound.
type soundKey struct{ lang, id string }

func (m Manifest) index() map[soundKey]Sound {
	out := make(map[soundKey]Sound, len(m.Sounds))
	for _, s := range m.Sounds {
		out[soundKey{s.Lang, s.ID}] = s
	}
	return out
}

// write replaces the manifest in one step: a reader sees the old or the new one.
func (m Manifest) write(dir string) error {
	data, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("write sounds: %w", err)
	}
	return writeFile(filepath.Join(dir, manifestName), append(data, '\n'))
}

// writeFile is write, sync, rename: after a power cut the file is whole or absent.
func writeFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", filepath.Base(path), err), os.Remove(f.Name()))
	}
	return nil
}
