package voice

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// flite speaks English, clearly better than espeak does.
type flite struct{ bin, voice string }

func openFlite(ctx context.Context, spec VoiceSpec, tools Tools) (Engine, string, error) {
	bin, err := tools.find("flite")
	if err != nil {
		return nil, "", err
	}
	voices, err := run(ctx, "", bin, "-lv")
	if err != nil {
		return nil, "", err
	}
	if !strings.Contains(string(voices), " "+spec.Voice+" ") {
		return nil, "", fmt.Errorf("%w: it has no voice %q", errVoice, spec.Voice)
	}
	return &flite{bin: bin, voice: spec.Voice}, "flite 2 " + spec.Voice, nil
}

// Synthesize says the text.
func (f *flite) Synthesize(ctx context.Context, r Request) (PCM, error) {
	dir, err := os.MkdirTemp("", "flite-*")
	if err != nil {
		return PCM{}, fmt.Errorf("flite: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	text, wav := filepath.Join(dir, "text"), filepath.Join(dir, "wav")
	if err := os.WriteFile(text, []byte(r.Text+"\n"), 0o600); err != nil {
		return PCM{}, fmt.Errorf("flite: %w", err)
	}
	if _, err := run(ctx, "", f.bin, "-voice", f.voice, "-f", text, "-o", wav); err != nil {
		return PCM{}, err
	}
	data, err := os.ReadFile(wav)
	if err != nil {
		return PCM{}, fmt.Errorf("flite: %w", err)
	}
	return DecodeWAV(data)
}
