package voice

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/gotranspile/g722"
	"github.com/zaf/g711"
)

func TestLoudnessOfSines(t *testing.T) {
	// By BS.1770 a 997 Hz sine of 0 dBFS in one channel measures -3.01 LUFS.
	for _, rate := range []int{16000, 22050, 48000} {
		for _, db := range []float64{0, -20, -33} {
			got, ok := Loudness(sine(rate, 997, db, 5))
			if want := db - 3.01; !ok || math.Abs(got-want) > 0.1 {
				t.Errorf("%d Hz, %v dBFS: %.2f LUFS, want %.2f", rate, db, got, want)
			}
		}
	}
}

func TestLoudnessGates(t *testing.T) {
	loud, quiet := sine(16000, 997, -20, 10), sine(16000, 997, -55, 10)
	p := PCM{16000, append(append([]float64{}, loud.Samples...), quiet.Samples...)}
	// Without gates the quiet half would take 3 dB off.
	if got, _ := Loudness(p); math.Abs(got-(-23.0)) > 0.3 {
		t.Errorf("%.2f LUFS, want -23: the quiet half must not count", got)
	}
	if _, ok := Loudness(PCM{16000, make([]float64, 16000)}); ok {
		t.Error("silence has no loudness")
	}
	if _, ok := Loudness(sine(16000, 997, -20, 0.3)); ok {
		t.Error("0.3 s have no loudness")
	}
}

func TestResampleKeepsThePassband(t *testing.T) {
	for _, c := range []struct{ from, to int }{{22050, 16000}, {16000, 8000}, {8000, 16000}, {44100, 16000}, {16000, 16000}} {
		out := Resample(sine(c.from, 1000, -6, 1), c.to)
		middle := out.Samples[len(out.Samples)/4 : len(out.Samples)*3/4]
		if got, want := decibels(rms(middle)), -6-3.01; math.Abs(got-want) > 0.05 {
			t.Errorf("%d to %d: 1 kHz at %.2f dB, want %.2f", c.from, c.to, got, want)
		}
		if want := c.to; len(out.Samples) != want {
			t.Errorf("%d to %d: %d samples, want %d", c.from, c.to, len(out.Samples), want)
		}
	}
}

func TestResampleRejectsAliases(t *testing.T) {
	// 5 kHz would fold to 3 kHz at a rate of 8 kHz.
	out := Resample(sine(16000, 5000, 0, 1), 8000)
	if got := decibels(rms(out.Samples[1000:7000])); got > -70 {
		t.Errorf("5 kHz leaves %.1f dB at 8 kHz", got)
	}
}

// speechLike is noise-free but uneven: bursts of a tone with harmonics and pauses.
func speechLike(rate int, db, seconds float64) PCM {
	p := sine(rate, 220, db, seconds)
	second := sine(rate, 1320, db-8, seconds)
	for i := range p.Samples {
		p.Samples[i] += second.Samples[i]
		if i/(rate/5)%3 == 2 {
			p.Samples[i] = 0
		}
	}
	return p
}

func TestMasterLevels(t *testing.T) {
	for _, db := range []float64{-40, -20, -17.5, -17.2, -3} {
		m := master(speechLike(22050, db, 3), padPrompt)
		if got, _ := Loudness(m.PCM); math.Abs(got-targetLUFS) > 0.5 {
			t.Errorf("from %v dBFS: %.2f LUFS", db, got)
		}
		if top := peak(m.Samples); top > ceiling+0.01 {
			t.Errorf("from %v dBFS: peak %.2f", db, top)
		}
	}
	short := master(sine(16000, 400, -30, 0.2), padToken)
	if got := activeLevel(short.PCM); math.Abs(got-targetLUFS) > 0.7 {
		t.Errorf("a short sound has %.2f dB active level", got)
	}
}

func TestLimiterHoldsTheCeiling(t *testing.T) {
	p := sine(16000, 300, -20, 1)
	for i := 5000; i < 5020; i++ {
		p.Samples[i] = 1.5
	}
	out := limit(p.Samples, 16000)
	if top := peak(out); top > ceiling+0.001 {
		t.Errorf("peak %.3f dBFS", top)
	}
	if math.Abs(out[1000]-p.Samples[1000]) > 1e-9 {
		t.Error("far from the peak the sound must be as it was")
	}
}

func TestMasterTrimsAndFillsFrames(t *testing.T) {
	quiet := make([]float64, 8000)
	p := PCM{16000, append(append(append([]float64{}, quiet...), sine(16000, 400, -10, 1).Samples...), quiet...)}
	m := master(p, padPrompt)
	if d := m.Duration(); d < 1200*time.Millisecond || d > 1280*time.Millisecond {
		t.Errorf("a second of sound with its padding lasts %s", d)
	}
	for ext, data := range encode(m.PCM) {
		perFrame := map[string]int{"alaw": 160, "ulaw": 160, "g722": 160, "sln16": 640}[ext]
		if len(data)%perFrame != 0 || len(data) == 0 {
			t.Errorf("%s: %d bytes are no whole frames", ext, len(data))
		}
		if frames := len(data) / perFrame; frames != int(m.Duration()/frame) {
			t.Errorf("%s: %d frames for %s", ext, frames, m.Duration())
		}
	}
}

func TestSilenceIsExact(t *testing.T) {
	got := encode(PCM{16000, silence(16000, 100*time.Millisecond)})
	for ext, zero := range map[string]byte{"alaw": 0xd5, "ulaw": 0xff, "sln16": 0} {
		if want := bytes.Repeat([]byte{zero}, len(got[ext])); !bytes.Equal(got[ext], want) {
			t.Errorf("%s silence is not %#x throughout", ext, zero)
		}
	}
}

func TestMasterOfNothing(t *testing.T) {
	for _, p := range []PCM{{16000, nil}, {22050, make([]float64, 4000)}, {8000, make([]float64, 3)}} {
		m := master(p, padPrompt)
		if m.peak > -100 || m.Duration()%frame != 0 {
			t.Errorf("nothing became %.1f dBFS, %s", m.peak, m.Duration())
		}
	}
}

func TestTone(t *testing.T) {
	tone := Tone{Hz: 450, On: time.Second, Off: 4 * time.Second, Level: -16}
	p, err := tone.play(t.Context())
	if err != nil || p.Duration() != 5*time.Second {
		t.Fatalf("%s, %v", p.Duration(), err)
	}
	if got := peak(p.Samples); math.Abs(got+16) > 0.05 {
		t.Errorf("peak %.2f dBFS", got)
	}
	for _, bad := range []Tone{{}, {On: time.Second}, {Hz: 9000, On: time.Second}, {Off: time.Hour}, {Hz: 450, On: time.Second, Level: 3}} {
		if _, err := bad.play(t.Context()); err == nil {
			t.Errorf("%+v must be refused", bad)
		}
	}
}

// Whatever codec a call has, the caller hears the same: every format decodes to the
// level of the master.
func TestFormatsAgree(t *testing.T) {
	m := master(speechLike(16000, -20, 2), padPrompt)
	files := encode(m.PCM)
	wide := PCM{16000, make([]float64, 0, len(m.Samples))}
	for _, s := range g722.Decode(files["g722"], g722.RateDefault, 0) {
		wide.Samples = append(wide.Samples, float64(s)/(1<<15))
	}
	narrow := func(data []byte, decode func(byte) int16) PCM {
		p := PCM{8000, make([]float64, len(data))}
		for i, b := range data {
			p.Samples[i] = float64(decode(b)) / (1 << 15)
		}
		return p
	}
	for name, p := range map[string]PCM{
		"g722": wide,
		"alaw": narrow(files["alaw"], g711.DecodeAlawFrame),
		"ulaw": narrow(files["ulaw"], g711.DecodeUlawFrame),
	} {
		if got, want := activeLevel(p), activeLevel(m.PCM); math.Abs(got-want) > 0.5 {
			t.Errorf("%s is at %.2f dB, its master at %.2f", name, got, want)
		}
	}
}

// A sound that has the right loudness already may still have a peak.
func TestPeaksAreLimitedAtTheRightLoudness(t *testing.T) {
	p := sine(16000, 997, targetLUFS+3.01, 3)
	for i := 16000; i < 16010; i++ {
		p.Samples[i] = 0.95
	}
	if top := peak(settle(p)); top > ceiling+0.001 {
		t.Errorf("peak %.2f dBFS", top)
	}
}
