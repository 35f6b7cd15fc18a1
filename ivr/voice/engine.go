package voice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Request is what an engine is asked to say. Text is plain, in the language's own
// writing and without ASCII digits in Chinese.
type Request struct {
	Lang string
	Text string
}

// Engine is a voice. It may be asked for several sounds at once.
type Engine interface {
	// Synthesize says the text. It gives up when ctx ends.
	Synthesize(ctx context.Context, r Request) (PCM, error)
}

// Voice is an engine with what identifies its sound.
type Voice struct {
	Lang     string
	Source   string // as the manifest names it
	Identity string // engine, version and settings: another identity renders anew
	Engine   Engine
	lexicon  *strings.Replacer
}

// say is the text as this voice must be given it.
func (v Voice) say(text string) string {
	text = strings.Trim(text, punctuation)
	if v.lexicon != nil {
		text = v.lexicon.Replace(text)
	}
	return text
}

// Tools finds programs: those brought in under Dir first, then the system's.
type Tools struct{ Dir string }

func (t Tools) find(name string) (string, error) {
	if t.Dir != "" {
		if path, err := exec.LookPath(filepath.Join(t.Dir, name)); err == nil {
			return filepath.Abs(path)
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is not installed: %w", name, err)
	}
	return path, nil
}

// errVoice is wrapped where a voice cannot be used at all.
var errVoice = errors.New("voice is not usable")

// openVoice makes the engine of a specification ready; scratch is a folder it may use.
func openVoice(ctx context.Context, spec VoiceSpec, tools Tools, scratch string) (Voice, error) {
	v := Voice{Lang: spec.Lang, Source: spec.Engine, lexicon: replacer(spec.Lexicon)}
	var err error
	switch spec.Engine {
	case SourceESpeak:
		v.Engine, v.Identity, err = openESpeak(ctx, spec, tools, scratch)
	case SourceFlite:
		v.Engine, v.Identity, err = openFlite(ctx, spec, tools)
	case "command":
		v.Engine, v.Identity, err = openCommand(spec)
	case "http":
		v.Engine, v.Identity, err = openHTTP(spec)
	default:
		err = fmt.Errorf("%w: engine %q, want espeak, flite, command or http", errVoice, spec.Engine)
	}
	if spec.Name != "" {
		v.Source = spec.Name
	}
	if err != nil {
		return v, fmt.Errorf("%s for %s: %w", spec.Engine, spec.Lang, err)
	}
	return v, nil
}

// replacer puts longer entries first, so that one entry may contain another.
func replacer(lexicon map[string]string) *strings.Replacer {
	keys := sortedKeys(lexicon)
	slices.SortStableFunc(keys, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, k := range keys {
		pairs = append(pairs, k, lexicon[k])
	}
	return strings.NewReplacer(pairs...)
}

// run executes a program with text on its input and gives its output; an error
// carries the last line the program complained with.
func run(ctx context.Context, text string, argv ...string) ([]byte, error) {
	var out, complaint limited
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdin = strings.NewReader(text)
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		lines := strings.Split(strings.TrimSpace(complaint.String()), "\n")
		return nil, fmt.Errorf("%s: %w: %s", filepath.Base(argv[0]), err, lines[len(lines)-1])
	}
	return out.Bytes(), nil
}

// limited is a buffer that refuses more than any prompt can be.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > maxWAV {
		return 0, fmt.Errorf("output is larger than %d MB", maxWAV>>20)
	}
	return l.Buffer.Write(p)
}
