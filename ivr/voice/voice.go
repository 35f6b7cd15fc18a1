// Package voice is what the hotline says, and in whose voice.
//
// People write prompts in YAML, Chinese and English side by side, with slots for
// what varies. A [Studio] renders them when the software is built, never while
// somebody is on the line: a human recording where there is one, else an engine.
// Every sound is levelled to one loudness and stored under the hash of what made it,
// in each format a call may use, so that a rebuild renders only what changed and
// Asterisk never transcodes.
//
// At call time the [Catalogue] only looks up and strings together: numbers, dates
// and order numbers are spoken by Chinese rules worked out here (两千零五, 二零二六年,
// 幺三八) from a few hundred token sounds.
package voice

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"hotline/ivr"
)

// ErrUnknown is wrapped when a prompt is not in the catalogue, ErrSilent when it is
// but nothing of it can be played in any language.
var (
	ErrUnknown = errors.New("no such prompt")
	ErrSilent  = errors.New("prompt has no sound")
)

var _ ivr.Prompts = (*Catalogue)(nil)

// Catalogue answers what to play. It never changes after Load, so any number of
// calls may use it at once; a new build is taken up by loading again.
type Catalogue struct {
	dir     string
	script  *Script
	sounds  map[soundKey]Sound
	words   map[string]vocabulary
	missing []string
}

// Load reads the prompts of catalogueFS and the sounds built into soundsDir. Sounds
// that are missing do not fail it: a hotline with half its prompts is better than
// none; Missing tells which. It fails on unreadable YAML or a damaged manifest.
func Load(catalogueFS fs.FS, soundsDir string) (*Catalogue, error) {
	script, err := ReadScript(catalogueFS)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(soundsDir)
	if err != nil {
		return nil, fmt.Errorf("load prompts: %w", err)
	}
	manifest, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	c := &Catalogue{dir: dir, script: script, sounds: manifest.index(), words: map[string]vocabulary{}}
	for _, lang := range Languages() {
		c.words[lang] = newVocabulary(lang)
	}
	c.checkFiles()
	return c, nil
}

// checkFiles forgets sounds whose files are gone and notes what is missing or was
// rendered from another text than the catalogue's.
func (c *Catalogue) checkFiles() {
	maps.DeleteFunc(c.sounds, func(_ soundKey, s Sound) bool {
		return !complete(s.path(c.dir))
	})
	for _, l := range c.script.lines() {
		s, ok := c.sounds[soundKey{l.lang, l.id}]
		if !ok || s.Text != l.text {
			c.missing = append(c.missing, l.lang+"/"+l.id)
		}
	}
}

func complete(path string) bool {
	for _, ext := range Formats() {
		if _, err := os.Stat(path + "." + ext); err != nil {
			return false
		}
	}
	return true
}

// Missing lists sounds, as lang/id, that are not built or built from an older text.
func (c *Catalogue) Missing() []string { return c.missing }

// Script is what the catalogue was loaded from; it must not be changed.
func (c *Catalogue) Script() *Script { return c.script }

// Has reports whether the prompt is in the catalogue, in whatever language.
func (c *Catalogue) Has(id string) bool {
	_, ok := c.script.Prompts[id]
	return ok
}

// Path is a prompt's sound as an absolute path without extension, for those who play
// without us: the dialplan's fallback. Prompts with slots have none. A language that
// is missing gives the Chinese sound.
func (c *Catalogue) Path(lang, id string) (string, error) {
	for _, lang := range []string{lang, Chinese} {
		if s, ok := c.sounds[soundKey{lang, id}]; ok {
			return s.path(c.dir), nil
		}
	}
	return "", fmt.Errorf("%w: %s", ErrSilent, id)
}

// Compose turns a prompt and its values into sounds. It wraps ErrUnknown for an id
// that is not in the catalogue and ErrSilent where nothing can be played in the
// language nor in Chinese; a value that is missing or cannot be spoken is an error
// too, for half an order number is worse than none.
func (c *Catalogue) Compose(lang, id string, slots ivr.Slots) (ivr.Speech, error) {
	p, ok := c.script.Prompts[id]
	if !ok {
		return ivr.Speech{}, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	if p.Tone != nil {
		return c.tone(p)
	}
	speech, err := c.compose(p, lang, slots)
	if errors.Is(err, ErrSilent) && lang != Chinese {
		return c.compose(p, Chinese, slots)
	}
	return speech, err
}

func (c *Catalogue) tone(p Prompt) (ivr.Speech, error) {
	s, err := c.sound(Chinese, p.ID)
	if err != nil {
		return ivr.Speech{}, err
	}
	return ivr.Speech{Sounds: []string{s.path(c.dir)}, Length: s.Length(), Text: "[" + p.ID + "]"}, nil
}

func (c *Catalogue) sound(lang, id string) (Sound, error) {
	s, ok := c.sounds[soundKey{lang, id}]
	if !ok && id == pauseID {
		s, ok = c.sounds[soundKey{Chinese, id}]
	}
	if !ok {
		return Sound{}, fmt.Errorf("%w: %s/%s", ErrSilent, lang, id)
	}
	return s, nil
}

func (c *Catalogue) compose(p Prompt, lang string, slots ivr.Slots) (ivr.Speech, error) {
	if p.Text(lang) == "" {
		return ivr.Speech{}, fmt.Errorf("%w: %s/%s has no text", ErrSilent, lang, p.ID)
	}
	var speech ivr.Speech
	var written strings.Builder
	all := p.pieces(lang)
	for i, piece := range all {
		var ids []string
		text := piece.text
		if piece.sound != "" {
			ids = []string{piece.sound}
		}
		if piece.slot != "" {
			next := ""
			if i+1 < len(all) {
				next = all[i+1].text
			}
			var err error
			if ids, text, err = c.value(p, speaking{lang: lang, kind: p.Slots[piece.slot], next: next, yao: c.script.Yao}, piece.slot, slots); err != nil {
				return ivr.Speech{}, err
			}
		}
		written.WriteString(text)
		if err := c.append(&speech, lang, ids); err != nil {
			return ivr.Speech{}, err
		}
	}
	speech.Text = written.String()
	return speech, nil
}

// value is one slot: the tokens that say it and how it is written.
func (c *Catalogue) value(p Prompt, s speaking, slot string, slots ivr.Slots) (ids []string, text string, err error) {
	value, ok := slots[slot]
	if !ok {
		return nil, "", fmt.Errorf("prompt %s: %w: slot %s is not given", p.ID, errValue, slot)
	}
	s.value = value
	words, err := s.words()
	if err == nil {
		ids, err = c.words[s.lang].tokens(words)
	}
	if err != nil {
		return nil, "", fmt.Errorf("prompt %s, slot %s: %w", p.ID, slot, err)
	}
	return ids, s.written(), nil
}

func (c *Catalogue) append(speech *ivr.Speech, lang string, ids []string) error {
	for _, id := range ids {
		s, err := c.sound(lang, id)
		if err != nil {
			return err
		}
		speech.Sounds = append(speech.Sounds, s.path(c.dir))
		speech.Length += s.Length()
	}
	return nil
}
