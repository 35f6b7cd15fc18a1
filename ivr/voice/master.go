package voice

import (
	"math"
	"time"
)

// What every sound is brought to before it is encoded.
const (
	masterRate   = 16000 // Hz; G.722 and sln16 are made from it, G.711 from its half
	targetLUFS   = -19.0 // what Asterisk's own human prompts measure, so voices can be mixed
	ceiling      = -3.0  // dBFS no sample exceeds
	rumbleHz     = 120   // below is only hum and pops on a telephone
	shortest     = 400 * time.Millisecond
	frame        = 20 * time.Millisecond
	trimBelow    = 42.0 // dB under the loudest window counts as silence at the ends
	trimKeep     = 15 * time.Millisecond
	fade         = 4 * time.Millisecond
	formatNumber = 4 // of everything that decides a sound's bytes; raising it renders all anew
)

// padding is the silence before and after a sound.
type padding struct{ before, after time.Duration }

// The paddings: whole prompts breathe, pieces of one sentence follow closely, and
// tokens closer still, so that a number sounds like one.
var (
	padPrompt = padding{50 * time.Millisecond, 150 * time.Millisecond}
	padBound  = padding{20 * time.Millisecond, 60 * time.Millisecond} // a value follows at once
	padToken  = padding{10 * time.Millisecond, 20 * time.Millisecond}
)

// mastered is a sound ready to encode, with what was measured on it.
type mastered struct {
	PCM
	level float64 // LUFS, or active RMS in dBFS for sounds under 0.4 s
	peak  float64 // dBFS
}

// master turns what an engine or a person gave into what callers hear: one rate, no
// rumble, no long silence at the ends, one loudness, no clipping, whole frames.
func master(p PCM, pad padding) mastered {
	p = Resample(p, masterRate)
	filter := highpass(masterRate, rumbleHz)
	out := PCM{Rate: masterRate, Samples: make([]float64, len(p.Samples))}
	for i, s := range p.Samples {
		out.Samples[i] = filter.next(s)
	}
	out.Samples = trim(out)
	fadeEnds(out)
	out.Samples = settle(out)
	result := mastered{level: levelOf(out), peak: peak(out.Samples)}
	result.PCM = toFrames(out, pad)
	return result
}

// levelOf is the loudness, or its stand-in for short sounds.
func levelOf(p PCM) float64 {
	if p.Duration() >= shortest {
		if lufs, ok := Loudness(p); ok {
			return lufs
		}
	}
	return activeLevel(p)
}

// trim cuts silence off both ends.
func trim(p PCM) []float64 {
	step := p.Rate / 100
	windows := blockPowers(p.Samples, step, step)
	loudest := 0.0
	for _, w := range windows {
		loudest = max(loudest, w)
	}
	gate := loudest * math.Pow(10, -trimBelow/10)
	first, last := -1, -1
	for i, w := range windows {
		if w > gate {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return nil
	}
	keep := len(silence(p.Rate, trimKeep))
	return p.Samples[max(0, first*step-keep):min(len(p.Samples), (last+1)*step+keep)]
}

// fadeEnds takes the click off a cut.
func fadeEnds(p PCM) {
	n := min(len(silence(p.Rate, fade)), len(p.Samples)/2)
	for i := range n {
		gain := float64(i) / float64(n)
		p.Samples[i] *= gain
		p.Samples[len(p.Samples)-1-i] *= gain
	}
}

// settle applies one static gain towards the target and limits the peaks that then
// stand out; limiting takes some loudness away, so it measures again, three times at
// most.
func settle(p PCM) []float64 {
	gain := 0.0
	out := limit(p.Samples, p.Rate)
	for range 3 {
		miss := targetLUFS - levelOf(PCM{p.Rate, out})
		if math.Abs(miss) < 0.1 || len(p.Samples) == 0 {
			break
		}
		gain += max(-40, min(40, miss))
		out = limit(amplify(p.Samples, gain), p.Rate)
	}
	return out
}

func amplify(samples []float64, db float64) []float64 {
	out, factor := make([]float64, len(samples)), linear(db)
	for i, s := range samples {
		out[i] = s * factor
	}
	return out
}

// limit keeps every sample under the ceiling: the gain starts to fall 3 ms before a
// peak and comes back over 40 ms, so that it is not heard as a click.
func limit(samples []float64, rate int) []float64 {
	top := linear(ceiling)
	ahead, release := rate*3/1000, 1-math.Exp(-1/(0.040*float64(rate)))
	need := make([]float64, len(samples))
	for i, s := range samples {
		need[i] = min(1, top/max(math.Abs(s), 1e-9))
	}
	for i := len(need) - 2; i >= 0; i-- { // fall towards a coming peak
		need[i] = min(need[i], need[i+1]+1/float64(ahead))
	}
	out, gain := make([]float64, len(samples)), 1.0
	for i, s := range samples {
		gain = min(need[i], gain+(1-gain)*release)
		out[i] = s * gain
	}
	return out
}

// toFrames adds the padding and fills up the last 20 ms, so that what a phone hears
// frame by frame is the file frame by frame.
func toFrames(p PCM, pad padding) PCM {
	samples := append(silence(p.Rate, pad.before), p.Samples...)
	samples = append(samples, silence(p.Rate, pad.after)...)
	whole := len(silence(p.Rate, frame))
	if over := len(samples) % whole; over != 0 || len(samples) == 0 {
		samples = append(samples, make([]float64, whole-over)...)
	}
	return PCM{Rate: p.Rate, Samples: samples}
}
