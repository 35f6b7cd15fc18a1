package conf

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
)

// plainBeep is 400 ms of 950 Hz in A-law.
//
//go:embed beep.alaw
var plainBeep []byte

// placeData makes the data folder: Asterisk's own, save that of its sounds there is only the
// one it asks for by itself, the tone before a recording.
func (c Config) placeData() error {
	dir := filepath.Join(c.Dir, "data")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	sounds := filepath.Join(dir, "sounds")
	if err := os.MkdirAll(sounds, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(c.Data)
	if err != nil {
		return fmt.Errorf("its own data: %w", err)
	}
	for _, e := range entries {
		if e.Name() == "sounds" {
			continue
		}
		if err := os.Symlink(filepath.Join(c.Data, e.Name()), filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	var beeps []string
	if c.Beep != "" {
		if beeps, err = filepath.Glob(c.Beep + ".*"); err != nil {
			return err
		}
	}
	if len(beeps) == 0 {
		return os.WriteFile(filepath.Join(sounds, "beep.alaw"), plainBeep, 0o644)
	}
	for _, b := range beeps {
		if err := os.Symlink(b, filepath.Join(sounds, "beep"+filepath.Ext(b))); err != nil {
			return err
		}
	}
	return nil
}
