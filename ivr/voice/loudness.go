package voice

import "math"

// biquad is a second-order filter with its state.
type biquad struct {
	b0, b1, b2, a1, a2 float64
	z1, z2             float64
}

func (f *biquad) next(x float64) float64 {
	y := f.b0*x + f.z1
	f.z1 = f.b1*x - f.a1*y + f.z2
	f.z2 = f.b2*x - f.a2*y
	return y
}

// highpass is a Butterworth filter of second order (12 dB an octave).
func highpass(rate int, hz float64) *biquad {
	return passAbove(rate, hz, math.Sqrt2/2)
}

func passAbove(rate int, hz, q float64) *biquad {
	k := math.Tan(math.Pi * hz / float64(rate))
	norm := 1 / (1 + k/q + k*k)
	return &biquad{b0: norm, b1: -2 * norm, b2: norm, a1: 2 * (k*k - 1) * norm, a2: (1 - k/q + k*k) * norm}
}

// shelf lifts what is above hz by gain decibels: the head's own effect on sound, the
// first half of the K weighting of ITU-R BS.1770. The analogue values are those from
// which the standard's 48 kHz coefficients follow, so that any rate may be measured.
func shelf(rate int) *biquad {
	const hz, gain, q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
	k := math.Tan(math.Pi * hz / float64(rate))
	high := math.Pow(10, gain/20)
	band := math.Pow(high, 0.4996667741545416)
	norm := 1 / (1 + k/q + k*k)
	return &biquad{
		b0: (high + band*k/q + k*k) * norm,
		b1: 2 * (k*k - high) * norm,
		b2: (high - band*k/q + k*k) * norm,
		a1: 2 * (k*k - 1) * norm,
		a2: (1 - k/q + k*k) * norm,
	}
}

// weigh applies the K weighting.
func weigh(p PCM) []float64 {
	head, rumble := shelf(p.Rate), passAbove(p.Rate, 38.13547087602444, 0.5003270373238773)
	out := make([]float64, len(p.Samples))
	for i, s := range p.Samples {
		out[i] = rumble.next(head.next(s))
	}
	return out
}

// Loudness is the integrated loudness of ITU-R BS.1770-4 in LUFS: 400 ms blocks that
// overlap by three quarters, those under -70 left out, then those more than 10 below
// the mean of the rest. ok is false for sounds shorter than one block or silent ones,
// which have no loudness by that standard.
func Loudness(p PCM) (lufs float64, ok bool) {
	blocks := blockPowers(weigh(p), p.Rate*4/10, p.Rate/10)
	mean, ok := meanAbove(blocks, powerOf(-70))
	if !ok {
		return 0, false
	}
	mean, ok = meanAbove(blocks, mean/10)
	return loudnessOf(mean), ok
}

func blockPowers(samples []float64, size, step int) []float64 {
	var out []float64
	for at := 0; size > 0 && at+size <= len(samples); at += step {
		r := rms(samples[at : at+size])
		out = append(out, r*r)
	}
	return out
}

func meanAbove(powers []float64, gate float64) (float64, bool) {
	sum, n := 0.0, 0
	for _, p := range powers {
		if p > gate {
			sum += p
			n++
		}
	}
	if n == 0 {
		return 0, false
	}
	return sum / float64(n), true
}

// loudnessOf and powerOf are each other's inverse; -0.691 makes up for the K
// weighting's gain at 1 kHz.
func loudnessOf(power float64) float64 { return -0.691 + 10*math.Log10(power) }
func powerOf(lufs float64) float64     { return math.Pow(10, (lufs+0.691)/10) }

// activeLevel is the RMS in dBFS of the 10 ms windows that carry the sound: those
// within 20 dB of the loudest. It stands in for loudness where a sound is too short.
func activeLevel(p PCM) float64 {
	windows := blockPowers(p.Samples, p.Rate/100, p.Rate/100)
	loudest := 0.0
	for _, w := range windows {
		loudest = max(loudest, w)
	}
	mean, ok := meanAbove(windows, loudest/100)
	if !ok {
		return -120
	}
	return 10 * math.Log10(max(mean, 1e-12))
}
