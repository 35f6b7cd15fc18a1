package sipphone

import (
	"math"
	"time"
)

// Heard tones. A tone is pure when nearly all of a frame's energy sits at one
// frequency; speech is that for a frame at times, never for a tenth of a second.
const (
	quietest   = 100.0 // root mean square below which a frame counts as silence
	pureShare  = 0.93  // of a frame's energy, to call it a tone of its own
	mixedShare = 0.4   // of a frame's energy, to find a tone one listens for in a mix
	toneFrames = 5     // 100 ms in a row
	toneDrift  = 0.04  // a tone may move this much and still be the same
)

// ToneHeard is a pure tone that lasted at least 100 ms.
type ToneHeard struct {
	Hz   float64 // measured, good to about 1 %
	From time.Time
	For  time.Duration
}

// rms is the loudness of samples, 0 to 32767.
func rms(pcm []int16) float64 {
	if len(pcm) == 0 {
		return 0
	}
	var sum float64
	for _, s := range pcm {
		sum += float64(s) * float64(s)
	}
	return math.Sqrt(sum / float64(len(pcm)))
}

// share is the part of the samples' energy that lies at hz, 0 to about 1
// (Goertzel's filter).
func share(pcm []int16, hz float64, rate int) float64 {
	var s1, s2, energy float64
	c := 2 * math.Cos(2*math.Pi*hz/float64(rate))
	for _, x := range pcm {
		v := float64(x)
		s1, s2 = v+c*s1-s2, s1
		energy += v * v
	}
	if energy == 0 {
		return 0
	}
	power := s1*s1 + s2*s2 - c*s1*s2
	return 2 * power / (float64(len(pcm)) * energy)
}

// pitch guesses the frequency of a pure tone from where it crosses zero, the
// crossings placed between samples by a straight line. 0 when there are too few.
func pitch(pcm []int16, rate int) float64 {
	var first, last float64
	n := 0
	for i := 1; i < len(pcm); i++ {
		a, b := float64(pcm[i-1]), float64(pcm[i])
		if (a < 0) == (b < 0) {
			continue
		}
		last = float64(i-1) + a/(a-b)
		if n == 0 {
			first = last
		}
		n++
	}
	if n < 3 || last == first {
		return 0
	}
	return float64(n-1) / 2 * float64(rate) / (last - first)
}

// toneLog finds pure tones as frames come in.
type toneLog struct {
	heard []ToneHeard
	run   int
	hz    float64 // mean over the run
	from  time.Time
}

// maxTones bounds the log of a call that is whistled at.
const maxTones = 1000

func (l *toneLog) add(pcm []int16, rate int, at time.Time) {
	hz := 0.0
	if rms(pcm) >= quietest {
		if p := pitch(pcm, rate); p > 0 && share(pcm, p, rate) >= pureShare {
			hz = p
		}
	}
	if hz == 0 || l.run > 0 && math.Abs(hz-l.hz) > toneDrift*l.hz {
		l.run = 0
	}
	if hz == 0 {
		return
	}
	if l.run == 0 {
		l.from, l.hz = at, hz
	}
	l.run++
	l.hz += (hz - l.hz) / float64(l.run)
	l.note(at)
}

// note writes the run down once it is long enough, and then keeps it up to date.
func (l *toneLog) note(at time.Time) {
	if l.run < toneFrames || l.run == toneFrames && len(l.heard) >= maxTones {
		return
	}
	t := ToneHeard{Hz: l.hz, From: l.from, For: at.Sub(l.from) + FrameTime}
	if n := len(l.heard); n > 0 && l.heard[n-1].From.Equal(l.from) {
		l.heard[n-1] = t
	} else if n < maxTones {
		l.heard = append(l.heard, t)
	}
}
