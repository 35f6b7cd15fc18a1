package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"hotline/asterisk/sipphone"
	"hotline/ivr/voice"
)

// heardIndex knows prompts by their sound and by their words.
type heardIndex struct {
	index *sipphone.Index
	texts map[string]string
}

// readHeardIndex learns a folder of sounds; one without any recognises nothing.
func readHeardIndex(dir string) (heardIndex, error) {
	index := sipphone.NewIndex()
	texts, err := voice.Learn(dir, index.AddFile)
	return heardIndex{index, texts}, err
}

// heardShown is how much of a call's transcript is on the screen.
type heardShown struct {
	prompts int
	tones   int
	cut     bool // the last prompt on the screen is known to be cut off
}

// show writes what is new: prompts as they begin, what cut one off, other tones.
func (c *phoneCall) show(s *sipphone.Session, shown *heardShown) {
	heard := s.Ear().Heard()
	for i := max(0, shown.prompts-1); i < len(heard); i++ {
		h := heard[i]
		if i >= shown.prompts {
			c.at(h.From, "▶ %s  %s", h.ID, c.book.texts[h.ID])
			shown.prompts, shown.cut = i+1, false
		}
		if over := i < len(heard)-1; over && !h.Complete && !shown.cut {
			c.at(h.From.Add(h.For), "■ %s 中断 cut off after %.1f s", h.ID, h.For.Seconds())
			shown.cut = true
		}
	}
	tones := s.Ear().Tones()
	for _, t := range tones[shown.tones:] {
		if !spoken(heard, t.From) {
			c.at(t.From, "♪ %.0f Hz", math.Round(t.Hz/10)*10)
		}
	}
	shown.tones = len(tones)
}

// spoken tells whether a prompt was heard at that moment: a vowel of a synthetic voice
// is a tone as well.
func spoken(heard []sipphone.Heard, at time.Time) bool {
	for _, h := range heard {
		if !at.Before(h.From) && at.Before(h.From.Add(h.For)) {
			return true
		}
	}
	return false
}

// at writes one line with its time since dialling.
func (c *phoneCall) at(when time.Time, format string, args ...any) {
	c.say("%6.1fs  %s\n", when.Sub(c.began).Seconds(), fmt.Sprintf(format, args...))
}

// say writes to the screen; in a raw terminal a line needs both of its ends.
func (c *phoneCall) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if c.in != nil {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = io.WriteString(c.out, text) // a screen that is gone does not end a call
}

// summary tells how the call ended and whether speech came through whole.
func (c *phoneCall) summary(s *sipphone.Session) {
	st := s.Stats()
	c.say("结束 %v\n", context.Cause(s.Context()))
	c.say("语音 received %d packets, lost %d, longest gap %v\n", st.Received, st.Lost, st.MaxGap.Round(time.Millisecond))
}

// threeSeconds is something to say into a voicemail: a tone that swells, as no
// silence detector takes for silence.
func threeSeconds() []int16 {
	pcm := make([]int16, 3*8000)
	for i := range pcm {
		t := float64(i) / 8000
		pcm[i] = int16(6000 * (0.6 + 0.4*math.Sin(2*math.Pi*3*t)) * math.Sin(2*math.Pi*440*t))
	}
	return pcm
}

// readKeys passes the keyboard on; q, Ctrl-C, Ctrl-D and its end hang up. It ends with
// the terminal: a read of it cannot be interrupted.
func readKeys(in io.Reader, press chan<- byte, hangUp func()) {
	var b [1]byte
	for {
		if _, err := io.ReadFull(in, b[:]); err != nil || strings.IndexByte("q\x03\x04", b[0]) >= 0 {
			hangUp()
			return
		}
		select {
		case press <- b[0]:
		default: // nobody types sixty keys ahead of a telephone
		}
	}
}
