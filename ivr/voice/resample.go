package voice

import "math"

// lobes is how many zero crossings of the low-pass a resampled point reaches to each
// side; with the window below, aliases are about 90 dB down.
const (
	lobes    = 24
	passband = 0.93 // of the lower Nyquist frequency, leaving room for the slope
)

// Resample converts to another rate with a polyphase windowed-sinc filter. One table
// of weights per phase is enough, since rates are whole numbers: 22050 to 16000 Hz
// has 320 phases, 16000 to 8000 Hz one.
func Resample(p PCM, rate int) PCM {
	if p.Rate == rate || p.Rate <= 0 {
		return PCM{Rate: rate, Samples: p.Samples}
	}
	common := gcd(p.Rate, rate)
	up, down := rate/common, p.Rate/common
	phases := weights(up, float64(p.Rate)/float64(rate))
	reach := len(phases[0]) / 2
	out := make([]float64, len(p.Samples)*up/down)
	for n := range out {
		at := n * down
		out[n] = dot(p.Samples, phases[at%up], at/up-reach+1)
	}
	return PCM{Rate: rate, Samples: out}
}

// dot weighs the samples from start on; beyond either end there is silence.
func dot(samples, weight []float64, start int) float64 {
	sum := 0.0
	for i := max(0, -start); i < len(weight) && start+i < len(samples); i++ {
		sum += samples[start+i] * weight[i]
	}
	return sum
}

// weights are the filter's values for each fractional position. ratio is input
// samples per output sample; above one the filter is widened against aliases.
func weights(phases int, ratio float64) [][]float64 {
	stretch := max(1, ratio)
	cutoff := passband / stretch
	reach := int(math.Ceil(lobes * stretch))
	table := make([][]float64, phases)
	for phase := range table {
		row := make([]float64, 2*reach)
		total := 0.0
		for i := range row {
			x := float64(i-reach+1) - float64(phase)/float64(phases)
			row[i] = cutoff * sinc(cutoff*x) * window(x/float64(reach))
			total += row[i]
		}
		for i := range row {
			row[i] /= total // so that a constant stays the same constant
		}
		table[phase] = row
	}
	return table
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// window is the four-term Blackman-Harris window at x of -1..1: as good as is needed
// and, unlike Kaiser's, cheap enough to make the table anew for each sound.
func window(x float64) float64 {
	if x <= -1 || x >= 1 {
		return 0
	}
	a := math.Pi * x
	return 0.35875 + 0.48829*math.Cos(a) + 0.14128*math.Cos(2*a) + 0.01168*math.Cos(3*a)
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
