package voice

import (
	"math"
	"time"
)

// PCM is mono sound: samples between -1 and 1 at Rate per second.
type PCM struct {
	Rate    int
	Samples []float64
}

// Duration is how long the sound takes to hear.
func (p PCM) Duration() time.Duration {
	if p.Rate <= 0 {
		return 0
	}
	return time.Duration(len(p.Samples)) * time.Second / time.Duration(p.Rate)
}

// silence is n samples of nothing: true zeros, so that every encoder gives the same
// bytes for every pause.
func silence(rate int, d time.Duration) []float64 {
	return make([]float64, int(d*time.Duration(rate)/time.Second))
}

// int16s rounds to the 16 bits that files carry, clipping what is out of range.
func (p PCM) int16s() []int16 {
	out := make([]int16, len(p.Samples))
	for i, s := range p.Samples {
		out[i] = int16(math.Round(max(-1, min(1, s)) * 32767))
	}
	return out
}

// decibels of a linear amplitude; nothing at all is -120.
func decibels(linear float64) float64 {
	return 20 * math.Log10(max(linear, 1e-6))
}

// linear is the amplitude of so many decibels.
func linear(db float64) float64 { return math.Pow(10, db/20) }

// peak is the largest sample in dBFS.
func peak(samples []float64) float64 {
	top := 0.0
	for _, s := range samples {
		top = max(top, math.Abs(s))
	}
	return decibels(top)
}

// rms is the effective level of samples, linear.
func rms(samples []float64) float64 {
	if len(samples) == 0 {
		return 0
	}
	sum := 0.0
	for _, s := range samples {
		sum += s * s
	}
	return math.Sqrt(sum / float64(len(samples)))
}
