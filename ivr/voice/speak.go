package voice

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"hotline/ivr"
)

// What Speak accepts.
const (
	maxSpoken   = 500              // characters, about two minutes
	speakBudget = 20 * time.Second // all engines together
)

// spokenDir keeps free text apart from prompts: a build does not remove it.
const spokenDir = "spoken"

// Speak makes the sound of a free text, such as the answer to an order, so that it
// can be heard later (ZZ-18.3). It is for the moment the text is written, not for a
// call in progress: it may take up to 20 s. The same text is made once. Figures are
// put into words first. Errors: the text is empty, longer than 500 characters, or no
// voice could say it.
func (s *Studio) Speak(ctx context.Context, lang, text string) (ivr.Speech, error) {
	text = strings.Join(strings.Fields(text), " ")
	if n := utf8.RuneCountInString(text); n == 0 || n > maxSpoken {
		return ivr.Speech{}, fmt.Errorf("speak: text of %d characters, want 1 to %d", n, maxSpoken)
	}
	if speech, ok := s.Recall(lang, text); ok {
		return speech, nil
	}
	ctx, cancel := context.WithTimeout(ctx, speakBudget)
	defer cancel()
	l := spokenLine(lang, text)
	failures := []error{errors.New("no voice could say it")}
	for _, v := range s.voices {
		if v.Lang != lang {
			continue
		}
		pcm, err := v.speaker(l)(ctx)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		if err := store(s.spokenPath(l), master(pcm, l.pad).PCM); err != nil {
			return ivr.Speech{}, err
		}
		speech, _ := s.Recall(lang, text)
		return speech, nil
	}
	return ivr.Speech{}, fmt.Errorf("speak: %w", errors.Join(failures...))
}

// Recall gives the sound of a text that Speak has made before. It renders nothing, so
// a call may ask it.
func (s *Studio) Recall(lang, text string) (ivr.Speech, bool) {
	text = strings.Join(strings.Fields(text), " ")
	path := s.spokenPath(spokenLine(lang, text))
	info, err := os.Stat(path + ".alaw")
	if err != nil || !complete(path) {
		return ivr.Speech{}, false
	}
	return ivr.Speech{Sounds: []string{path}, Length: time.Duration(info.Size()) * time.Second / 8000, Text: text}, true
}

func spokenLine(lang, text string) line {
	if lang == Chinese {
		text = Hanzify(text)
	}
	return line{id: spokenDir, lang: lang, text: text, pad: padPrompt}
}

func (s *Studio) spokenPath(l line) string {
	hash := l.hash("spoken " + l.text)
	dir, err := filepath.Abs(s.cfg.Dir)
	if err != nil { // only where the working folder is gone
		dir = s.cfg.Dir
	}
	return filepath.Join(dir, spokenDir, l.lang, hash[:2], hash)
}
