package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"hotline/ivr/voice"
)

// How long prompts are under chaos, in bytes of A-law and milliseconds: a round has no
// time for sentences.
const (
	promptMS   = 1200
	bytesPerMS = 8
	ringbackID = "tone-ringback"
	ringbackHz = 450
)

// shorten copies the rendered sounds, each cut to its beginning, in the one codec callers
// speak. The ring-back tone has no pauses, so that any silence is a fault.
func shorten(from, to string) error {
	m, err := voice.ReadManifest(from)
	if err != nil {
		return err
	}
	if len(m.Sounds) == 0 {
		return fmt.Errorf("no rendered prompts in %s: run make prompts", from)
	}
	for i, s := range m.Sounds {
		base := filepath.Join(s.Lang, s.Hash[:2], s.Hash)
		file := base + ".alaw"
		sound, err := os.ReadFile(filepath.Join(from, file))
		if err != nil {
			return err
		}
		if s.ID == ringbackID {
			sound = ringback(promptMS)
		}
		m.Sounds[i].MS = min(s.MS, promptMS)
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, file)), 0o755); err != nil {
			return err
		}
		for _, other := range voice.Formats()[1:] { // nobody asks for them, but they have to be there
			if err := os.Symlink(filepath.Join(from, base+"."+other), filepath.Join(to, base+"."+other)); err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
		}
		if err := os.WriteFile(filepath.Join(to, file), sound[:min(len(sound), promptMS*bytesPerMS)], 0o644); err != nil {
			return err
		}
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, "manifest.json"), text, 0o644)
}

// ringback is the tone without a pause, as A-law: the sign, the segment and the step of
// each sample.
func ringback(ms int) []byte {
	b := make([]byte, ms*bytesPerMS)
	for i := range b {
		b[i] = alaw(int(5000 * math.Sin(2*math.Pi*ringbackHz*float64(i)/8000)))
	}
	return b
}

// alaw codes one sample of 16 bits (G.711).
func alaw(v int) byte {
	sign := byte(0x80)
	if v < 0 {
		sign, v = 0, -v-1
	}
	v >>= 4
	if v < 16 {
		return (sign | byte(v)) ^ 0x55
	}
	segment := 1
	for v >= 32 {
		v >>= 1
		segment++
	}
	return (sign | byte(segment<<4) | byte(v&15)) ^ 0x55
}
