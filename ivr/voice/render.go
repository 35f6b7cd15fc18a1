package voice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// hashLength is the length of a file name: 128 bits in hex.
const hashLength = 32

// take is a way to get a sound: who makes it, and the name of what comes out.
type take struct {
	source string
	hash   string
	make   func(ctx context.Context) (PCM, error)
}

// render makes a line's sound with the first source that can. fresh tells whether
// files were written.
func (s *Studio) render(ctx context.Context, l line, j *job) (sound Sound, fresh bool, err error) {
	takes, err := s.takes(l)
	if err != nil {
		return Sound{}, false, err
	}
	var failures []error
	for _, t := range takes {
		sound, fresh, err = s.make(ctx, l, t, j)
		if err == nil {
			break
		}
		failures = append(failures, fmt.Errorf("%s/%s by %s: %w", l.lang, l.id, t.source, err))
	}
	if err != nil || len(takes) == 0 {
		return Sound{}, false, errors.Join(append(failures, errors.New("no voice could say it"))...)
	}
	for _, f := range failures {
		j.warn(f)
	}
	return sound, fresh, nil
}

func (s *Studio) make(ctx context.Context, l line, t take, j *job) (Sound, bool, error) {
	if known, ok := j.find(t.hash, s.cfg.Dir); ok {
		known.ID, known.Text, known.Slots = l.id, l.text, strings.Contains(l.id, ".")
		return known, false, nil
	}
	pcm, err := t.make(ctx)
	if err != nil {
		return Sound{}, false, err
	}
	m := finish(l, pcm)
	if m.Duration() > 10*frame && m.peak < -60 && l.tone == nil {
		return Sound{}, false, errors.New("nothing but silence came out")
	}
	sound := Sound{
		ID: l.id, Lang: l.lang, Hash: t.hash, MS: int(m.Duration().Milliseconds()),
		LUFS: tenth(m.level), Peak: tenth(m.peak), Source: t.source,
		Text: l.text, Slots: strings.Contains(l.id, "."),
	}
	return sound, true, store(sound.path(s.cfg.Dir), m.PCM)
}

// finish brings a sound to its form; tones are already as they must be.
func finish(l line, pcm PCM) mastered {
	if l.tone != nil {
		return mastered{PCM: toFrames(pcm, padding{}), level: activeLevel(pcm), peak: peak(pcm.Samples)}
	}
	return master(pcm, l.pad)
}

func tenth(x float64) float64 { return math.Round(x*10) / 10 }

// store writes every format beside each other.
func store(path string, p PCM) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("store sound: %w", err)
	}
	for ext, data := range encode(p) {
		if err := writeFile(path+"."+ext, data); err != nil {
			return err
		}
	}
	return nil
}

// takes lists the ways to get a line's sound, the best first. A recording that is
// there but unreadable is an error, not a reason to let a robot speak unnoticed.
func (s *Studio) takes(l line) ([]take, error) {
	if l.tone != nil {
		return []take{{source: SourceTone, hash: l.hash(fmt.Sprintf("tone %+v", *l.tone)), make: l.tone.play}}, nil
	}
	for _, dir := range s.cfg.Recordings {
		data, err := fs.ReadFile(dir, l.lang+"/"+l.id+".wav")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("recording: %w", err)
		}
		return []take{{source: SourceHuman, hash: l.hash("human " + string(digest(string(data)))),
			make: func(context.Context) (PCM, error) { return DecodeWAV(data) }}}, nil
	}
	var out []take
	for _, v := range s.voices {
		if v.Lang == l.lang {
			out = append(out, take{source: v.Source, hash: l.hash(v.Identity + "\x00" + v.say(l.text)), make: v.speaker(l)})
		}
	}
	return out, nil
}

func (v Voice) speaker(l line) func(context.Context) (PCM, error) {
	return func(ctx context.Context) (PCM, error) {
		ctx, cancel := context.WithTimeout(ctx, sayLimit)
		defer cancel()
		return v.Engine.Synthesize(ctx, Request{Lang: l.lang, Text: v.say(l.text)})
	}
}

// hash names the files made of a line and its source.
func (l line) hash(source string) string {
	sum := digest(fmt.Sprintf("%d|%g|%g|%s|%v|%s", formatNumber, targetLUFS, ceiling, l.lang, l.pad, source))
	return hex.EncodeToString(sum)[:hashLength]
}

func digest(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}

// play makes the tone. A sine starts and ends within 5 ms of slope, against clicks.
func (t *Tone) play(context.Context) (PCM, error) {
	if t.On < 0 || t.Off < 0 || t.On+t.Off <= 0 || t.On+t.Off > maxTone || t.On > 0 && t.Hz < 50 || t.Hz > 3400 || t.Level > 0 {
		return PCM{}, fmt.Errorf("tone %+v: want up to %s of 50 to 3400 Hz at most 0 dBFS", *t, maxTone)
	}
	on := silence(masterRate, t.On)
	top, slope := linear(t.Level), float64(masterRate)*0.005
	for i := range on {
		edge := min(1, float64(i)/slope, float64(len(on)-1-i)/slope)
		on[i] = top * edge * math.Sin(2*math.Pi*t.Hz*float64(i)/masterRate)
	}
	return PCM{Rate: masterRate, Samples: append(on, silence(masterRate, t.Off)...)}, nil
}

// promptOf is the prompt a sound belongs to.
func promptOf(soundID string) string {
	id, _, _ := strings.Cut(soundID, ".")
	return id
}

// synthetic lists prompts that want a human voice and have none.
func synthetic(s *Script, m Manifest) []string {
	var out []string
	for _, sound := range m.Sounds {
		p := s.Prompts[promptOf(sound.ID)]
		if p.HumanRequired && sound.Source != SourceHuman {
			out = append(out, sound.Lang+"/"+sound.ID)
		}
	}
	return out
}
