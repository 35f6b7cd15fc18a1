package main

import (
	"hotline/asterisk/sipphone"
	"hotline/ivr/voice"
)

// soundbook tells prompts that are heard by their sound and by their words.
type soundbook struct {
	index *sipphone.Index // nil when there is no folder of sounds
	texts map[string]string
}

// openSoundbook learns a folder of sounds; without one it recognises nothing.
func openSoundbook(dir string) (*soundbook, error) {
	if dir == "" {
		return &soundbook{}, nil
	}
	index := sipphone.NewIndex()
	texts, err := voice.Learn(dir, index.AddFile)
	return &soundbook{index, texts}, err
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
