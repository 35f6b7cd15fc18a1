package voice

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// command is an operator's own voice: a program that reads text and writes WAV.
type command struct{ argv []string }

func openCommand(spec VoiceSpec) (Engine, string, error) {
	if len(spec.Argv) == 0 || spec.Name == "" {
		return nil, "", fmt.Errorf("%w: a command needs argv and name", errVoice)
	}
	return &command{argv: spec.Argv}, "command " + spec.Name + " " + strings.Join(spec.Argv, "\x00"), nil
}

// Synthesize runs the program once for each text, without a shell.
func (c *command) Synthesize(ctx context.Context, r Request) (PCM, error) {
	out, err := run(ctx, r.Text, c.argv...)
	if err != nil {
		return PCM{}, err
	}
	return DecodeWAV(out)
}

// httpVoice is an operator's own voice behind a web address.
type httpVoice struct {
	url, key string
	client   *http.Client
}

func openHTTP(spec VoiceSpec) (Engine, string, error) {
	u, err := url.Parse(spec.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || spec.Name == "" {
		return nil, "", fmt.Errorf("%w: http needs a url and a name", errVoice)
	}
	v := &httpVoice{url: spec.URL, client: &http.Client{Timeout: time.Minute}}
	if spec.KeyEnv != "" {
		if v.key = os.Getenv(spec.KeyEnv); v.key == "" {
			return nil, "", fmt.Errorf("%w: the variable %s with its key is not set", errVoice, spec.KeyEnv)
		}
	}
	return v, "http " + spec.Name + " " + spec.URL, nil
}

// Synthesize posts the text and expects WAV. The key is never part of an error.
func (v *httpVoice) Synthesize(ctx context.Context, r Request) (PCM, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url, strings.NewReader(r.Text))
	if err != nil {
		return PCM{}, fmt.Errorf("http voice: %w", err)
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	req.Header.Set("Content-Language", r.Lang)
	req.Header.Set("Accept", "audio/wav")
	if v.key != "" {
		req.Header.Set("Authorization", "Bearer "+v.key)
	}
	resp, err := v.client.Do(req)
	if err != nil {
		return PCM{}, fmt.Errorf("http voice: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxWAV))
	if err != nil {
		return PCM{}, fmt.Errorf("http voice: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return PCM{}, fmt.Errorf("http voice: %s: %.200s", resp.Status, data)
	}
	return DecodeWAV(data)
}
