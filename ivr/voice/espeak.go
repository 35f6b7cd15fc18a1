package voice

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// espeak speaks Chinese in every build and test. It is a robot: good enough to work
// with and as a last resort, not to open a line to the public.
type espeak struct {
	bin     string
	options []string
	scratch string
}

// wideVoice is a variant for tones: the engine's own pitch range is about a third of
// a person's, which blurs them. Formants are those of a smaller head, which is easier
// to follow over a telephone.
const wideVoice = `language variant
name hotline
gender female
pitch 140 330
formant 0 105 80 150
formant 1 110 80 160
formant 2 112 75 150
formant 3 112 75 150
formant 4 115 80 140
`

var espeakVersion = regexp.MustCompile(`(\d+\.\d+[.\d]*\S*)\s+Data at: (.+)`)

func openESpeak(ctx context.Context, spec VoiceSpec, tools Tools, scratch string) (Engine, string, error) {
	bin, err := tools.find("espeak-ng")
	if err != nil {
		return nil, "", err
	}
	about, err := run(ctx, "", bin, "--version")
	if err != nil {
		return nil, "", err
	}
	found := espeakVersion.FindStringSubmatch(strings.TrimSpace(string(about)))
	if found == nil {
		return nil, "", fmt.Errorf("%w: unknown version %q", errVoice, about)
	}
	e := &espeak{bin: bin, scratch: scratch}
	voice := spec.Voice
	if spec.Lang == Chinese {
		if err := widen(found[2], scratch); err != nil {
			return nil, "", err
		}
		e.options = append(e.options, "--path="+scratch)
		voice += "+hotline"
	}
	e.options = append(e.options, "-v", voice, "-b", "1", "-s", strconv.Itoa(spec.Speed), "-a", strconv.Itoa(spec.Amplitude))
	if spec.Lang == Chinese {
		err = e.probe(ctx)
	}
	settings := strings.Join(e.options[max(0, len(e.options)-8):], " ")
	return e, fmt.Sprintf("espeak %s %s %x", found[1], settings, digest(wideVoice)), err
}

// probe refuses an engine that reads Chinese characters as if they were English, as
// versions before 1.52 do.
func (e *espeak) probe(ctx context.Context) error {
	_, err := e.Synthesize(ctx, Request{Lang: Chinese, Text: "您好"})
	if err != nil {
		return fmt.Errorf("%w: %w", errVoice, err)
	}
	return nil
}

// widen makes a private view of the engine's data with our variant in it: links to
// the real files, since the installed folder is not ours to write to.
func widen(data, scratch string) error {
	variants := filepath.Join(scratch, "espeak-ng-data", "voices", "!v")
	if err := os.MkdirAll(variants, 0o755); err != nil {
		return fmt.Errorf("espeak variant: %w", err)
	}
	err := errors.Join(
		link(data, filepath.Join(scratch, "espeak-ng-data"), "voices"),
		link(filepath.Join(data, "voices"), filepath.Join(scratch, "espeak-ng-data", "voices"), "!v"),
		os.WriteFile(filepath.Join(variants, "hotline"), []byte(wideVoice), 0o644),
	)
	if err != nil {
		return fmt.Errorf("espeak variant: %w", err)
	}
	return nil
}

// link links everything of a folder into another, but for one entry.
func link(from, to, except string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == except {
			continue
		}
		err := os.Symlink(filepath.Join(from, e.Name()), filepath.Join(to, e.Name()))
		if err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}

// Synthesize says the text and looks at the phonemes the engine made of it: Chinese
// that contains none of its own letters must not come out as English.
func (e *espeak) Synthesize(ctx context.Context, r Request) (PCM, error) {
	f, err := os.CreateTemp(e.scratch, "say-*.wav")
	if err != nil {
		return PCM{}, fmt.Errorf("espeak: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if err := f.Close(); err != nil {
		return PCM{}, fmt.Errorf("espeak: %w", err)
	}
	argv := append([]string{e.bin}, e.options...)
	phonemes, err := run(ctx, r.Text, append(argv, "-x", "-w", f.Name(), "--stdin")...)
	if err != nil {
		return PCM{}, err
	}
	if r.Lang == Chinese && !latin(r.Text) && strings.Contains(string(phonemes), "(en)") {
		return PCM{}, fmt.Errorf("espeak reads %q as English: %s", r.Text, strings.TrimSpace(string(phonemes)))
	}
	data, err := os.ReadFile(f.Name())
	if err != nil {
		return PCM{}, fmt.Errorf("espeak: %w", err)
	}
	return DecodeWAV(data)
}

func latin(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r < 0x80 && alphanumeric(r) })
}
