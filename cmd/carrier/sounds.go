package main

import (
	"fmt"
	"path/filepath"

	"hotline/asterisk/sipphone"
	"hotline/ivr/voice"
)

// soundbook tells prompts that are heard by their sound and by their words.
type soundbook struct {
	index *sipphone.Index // nil when there is no folder of sounds
	texts map[string]string
}

// openSoundbook reads the manifest of a sounds folder. A prompt is named as in the
// manifest, those in English with "en/" before it.
func openSoundbook(dir string) (*soundbook, error) {
	b := &soundbook{texts: map[string]string{}}
	if dir == "" {
		return b, nil
	}
	m, err := voice.ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	b.index = sipphone.NewIndex()
	for _, s := range m.Sounds {
		id := s.ID
		if s.Lang != voice.Chinese {
			id = s.Lang + "/" + id
		}
		if err := b.index.AddFile(id, filepath.Join(dir, s.Lang, s.Hash[:2], s.Hash)); err != nil {
			return nil, fmt.Errorf("sounds: %w", err)
		}
		b.texts[id] = s.Text
	}
	return b, nil
}

// heardPrompt is a prompt as a call's record and the page show it.
type heardPrompt struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	At       string `json:"at"` // RFC 3339 with milliseconds
	ForMS    int64  `json:"for_ms"`
	Complete bool   `json:"complete"`
}

// describe puts words to what an ear heard.
func (b *soundbook) describe(heard []sipphone.Heard) []heardPrompt {
	out := make([]heardPrompt, 0, len(heard))
	for _, h := range heard {
		out = append(out, heardPrompt{
			ID: h.ID, Text: b.texts[h.ID], At: stamp(h.From), ForMS: h.For.Milliseconds(), Complete: h.Complete,
		})
	}
	return out
}
