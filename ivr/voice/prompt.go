package voice

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Prompt is one entry of the catalogue as written by people.
type Prompt struct {
	ID            string              `yaml:"-"`
	File          string              `yaml:"-"`
	Zh            string              `yaml:"zh"`
	En            string              `yaml:"en"`
	Slots         map[string]SlotType `yaml:"slots"`
	HumanRequired bool                `yaml:"human_required"` // not fit for the public in a synthetic voice
	General       bool                `yaml:"general"`        // offered to hotlines to come: no flow need play it
	Max           float64             `yaml:"max"`            // seconds it may last at most, without values; 0: 30
	Tone          *Tone               `yaml:"tone"`           // instead of text
}

// Tone is a sound made by arithmetic: a sine, then silence. Without Hz it is all silence.
type Tone struct {
	Hz    float64       `yaml:"hz"`
	On    time.Duration `yaml:"on"`
	Off   time.Duration `yaml:"off"`
	Level float64       `yaml:"level"` // dBFS of the sine's peak
}

// Text is the prompt's text in a language, empty if it has none.
func (p Prompt) Text(lang string) string {
	switch lang {
	case Chinese:
		return p.Zh
	case English:
		return p.En
	default:
		return ""
	}
}

// piece is a part of a prompt: fixed words, a value's place, or punctuation only.
type piece struct {
	sound string // id of the sound, for fixed words
	text  string
	slot  string // name of the slot, for a value
}

var placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)

// pieces cuts a text at its slots. The one part of a prompt without slots is the
// prompt itself; the others are numbered from one.
func (p Prompt) pieces(lang string) []piece {
	text := p.Text(lang)
	cuts := placeholder.FindAllStringSubmatchIndex(text, -1)
	if len(cuts) == 0 {
		return []piece{{sound: p.ID, text: text}}
	}
	var out []piece
	number := 0
	words := func(text string) {
		if strings.Trim(text, punctuation) == "" {
			if text != "" {
				out = append(out, piece{text: text})
			}
			return
		}
		number++
		out = append(out, piece{sound: fmt.Sprintf("%s.%d", p.ID, number), text: text})
	}
	from := 0
	for _, cut := range cuts {
		words(text[from:cut[0]])
		out = append(out, piece{slot: text[cut[2]:cut[3]], text: text[cut[0]:cut[1]]})
		from = cut[1]
	}
	words(text[from:])
	return out
}

// punctuation of both writings; the escapes are the full-width , : ; ! and ?.
const punctuation = " ,.:;!?\u3002\u3001\uff0c\uff1a\uff1b\uff01\uff1f"

// Script is the whole catalogue: what can be said, and by whom.
type Script struct {
	Prompts map[string]Prompt
	Voices  []VoiceSpec
	Yao     bool // 1 is 幺 in order numbers, codes and phone numbers
}

// VoiceSpec is one line of voices.yaml.
type VoiceSpec struct {
	Lang      string            `yaml:"lang"`
	Engine    string            `yaml:"engine"` // espeak, flite, command, http
	Name      string            `yaml:"name"`   // part of the cache key of command and http
	Voice     string            `yaml:"voice"`
	Speed     int               `yaml:"speed"`     // words a minute, espeak
	Amplitude int               `yaml:"amplitude"` // 0-200, espeak
	Argv      []string          `yaml:"argv"`      // command
	URL       string            `yaml:"url"`       // http
	KeyEnv    string            `yaml:"key_env"`   // http: the variable that holds the key
	Lexicon   map[string]string `yaml:"lexicon"`   // written -> as this voice must be given it
}

// voicesFile is the one YAML file of the folder that holds no prompts.
const voicesFile = "voices.yaml"

// ReadScript reads every *.yaml of a folder. All faults are in the error, each with
// its file and, from the YAML reader, its line and a caret.
func ReadScript(dir fs.FS) (*Script, error) {
	names, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list prompts: %w", err)
	}
	s := &Script{Prompts: map[string]Prompt{}}
	var faults []error
	for _, name := range names {
		if err := s.read(dir, name); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
	}
	if len(names) == 0 {
		faults = append(faults, errors.New("no prompts: the folder has no .yaml file"))
	}
	return s, errors.Join(faults...)
}

func (s *Script) read(dir fs.FS, name string) error {
	data, err := fs.ReadFile(dir, name)
	if err != nil {
		return err
	}
	if name == voicesFile {
		return s.readVoices(data)
	}
	var file struct {
		Prompts map[string]Prompt `yaml:"prompts"`
	}
	if err := decode(data, &file); err != nil {
		return err
	}
	var faults []error
	for _, id := range sortedKeys(file.Prompts) {
		p := file.Prompts[id]
		p.ID, p.File = id, name
		if other, ok := s.Prompts[id]; ok {
			faults = append(faults, fmt.Errorf("prompt %s is in %s already", id, other.File))
			continue
		}
		s.Prompts[id] = p
	}
	return errors.Join(faults...)
}

func (s *Script) readVoices(data []byte) error {
	var file struct {
		Yao    bool        `yaml:"yao"`
		Voices []VoiceSpec `yaml:"voices"`
	}
	err := decode(data, &file)
	s.Yao, s.Voices = file.Yao, file.Voices
	return err
}

// decode is strict: a misspelt field is a fault, not a field ignored.
func decode(data []byte, into any) error {
	if err := yaml.UnmarshalWithOptions(data, into, yaml.Strict()); err != nil {
		return fmt.Errorf("%s", yaml.FormatError(err, false, true))
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// line is one sound that must exist: what the studio renders.
type line struct {
	id, lang string
	text     string
	pad      padding
	tone     *Tone
}

// lines lists every sound of the script in a stable order: tones, prompts cut at
// their slots and, if there are slots at all, the tokens values are made of.
func (s *Script) lines() []line {
	var out []line
	slots := false
	for _, id := range sortedKeys(s.Prompts) {
		p := s.Prompts[id]
		slots = slots || len(p.Slots) > 0
		if p.Tone != nil {
			out = append(out, line{id: id, lang: Chinese, tone: p.Tone})
			continue
		}
		for _, lang := range Languages() {
			if p.Text(lang) != "" {
				out = append(out, p.lines(lang)...)
			}
		}
	}
	if !slots {
		return out
	}
	for _, lang := range Languages() {
		for _, t := range Tokens(lang) {
			out = append(out, line{id: t.ID, lang: lang, text: t.Text, pad: padToken})
		}
	}
	return out
}

func (p Prompt) lines(lang string) []line {
	var out []line
	all := p.pieces(lang)
	for i, piece := range all {
		if piece.sound == "" {
			continue
		}
		pad := padPrompt
		if i > 0 {
			pad.before = padBound.before
		}
		if i+1 < len(all) && all[i+1].slot != "" {
			pad.after = padBound.after
		}
		out = append(out, line{id: piece.sound, lang: lang, text: piece.text, pad: pad})
	}
	return out
}
