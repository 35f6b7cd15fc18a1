package sipphone

import "math"

// Sound is something a session can say: made by [Tone], [PCM], [ReadWAV] or
// [Payload]. A Sound is a value; saying it twice starts it twice.
type Sound struct {
	hz    float64
	pcm   []int16
	rate  int
	raw   []byte
	again bool
}

// Tone is an endless sine of hz, at a quarter of full scale: loud enough to be
// found in a mix, quiet enough not to clip in one.
func Tone(hz float64) Sound { return Sound{hz: hz} }

// PCM is speech as samples at rate per second.
func PCM(samples []int16, rate int) Sound { return Sound{pcm: samples, rate: rate} }

// Payload is speech already coded in the session's codec. It is sent byte by
// byte as it is, the last frame filled up with its own last byte.
func Payload(b []byte) Sound { return Sound{raw: b} }

// Loop makes a sound start again at its end.
func (s Sound) Loop() Sound { s.again = true; return s }

const toneAmplitude = 8192

// player is a sound on its way out, frame by frame.
type player struct {
	sound Sound
	pos   int
	phase float64
	done  chan struct{} // closed at the end of the sound or when another replaces it
}

// newPlayer prepares a sound for a codec.
func newPlayer(s Sound, c Codec) *player {
	if s.pcm != nil {
		s.pcm = resample(s.pcm, s.rate, c.Rate())
	}
	return &player{sound: s, done: make(chan struct{})}
}

// next fills one payload and reports whether there was still something to say.
func (p *player) next(payload []byte, pcm []int16, code coder, rate int) bool {
	switch s := &p.sound; {
	case s.hz > 0:
		p.tone(pcm, rate)
	case s.raw != nil:
		return p.copyRaw(payload)
	default:
		if p.pos >= len(s.pcm) && s.again {
			p.pos = 0
		}
		n := copy(pcm, s.pcm[p.pos:])
		if n == 0 {
			return false
		}
		clear(pcm[n:])
		p.pos += n
	}
	code.encode(payload, pcm)
	return true
}

func (p *player) tone(pcm []int16, rate int) {
	step := 2 * math.Pi * p.sound.hz / float64(rate)
	for i := range pcm {
		pcm[i] = int16(toneAmplitude * math.Sin(p.phase))
		p.phase = math.Mod(p.phase+step, 2*math.Pi)
	}
}

func (p *player) copyRaw(payload []byte) bool {
	if p.pos >= len(p.sound.raw) && p.sound.again {
		p.pos = 0
	}
	n := copy(payload, p.sound.raw[p.pos:])
	if n == 0 {
		return false
	}
	for i := n; i < len(payload); i++ {
		payload[i] = payload[n-1]
	}
	p.pos += n
	return true
}

// resample brings samples from one rate to another by straight lines between
// them. That is good enough for a test phone and for nothing else.
func resample(pcm []int16, from, to int) []int16 {
	if from == to || from <= 0 || len(pcm) == 0 {
		return pcm
	}
	out := make([]int16, len(pcm)*to/from)
	for i := range out {
		at := float64(i) * float64(from) / float64(to)
		k := int(at)
		next := pcm[min(k+1, len(pcm)-1)]
		out[i] = int16(float64(pcm[k]) + (at-float64(k))*(float64(next)-float64(pcm[k])))
	}
	return out
}
