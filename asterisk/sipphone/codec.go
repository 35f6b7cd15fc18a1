package sipphone

import (
	"fmt"
	"time"

	"github.com/gotranspile/g722"
	"github.com/zaf/g711"
)

// Codec names one way of packing speech, as SDP writes it.
type Codec string

// The codecs a phone can speak. Each packs 20 ms into 160 bytes.
const (
	PCMA Codec = "PCMA" // G.711 A-law, what the hotline and its carriers use
	PCMU Codec = "PCMU" // G.711 mu-law
	G722 Codec = "G722" // 16 kHz speech at the same 64 kbit/s
)

// FrameBytes is the payload of one packet, FrameTime what it lasts.
const (
	FrameBytes = 160
	FrameTime  = 20 * time.Millisecond
)

// traits is what SDP, RTP and the sound card of a codec need to know.
type traits struct {
	payload uint8  // static RTP payload type (RFC 3551)
	rate    int    // samples per second; G.722 counts 8000 in RTP but hears 16000
	suffix  string // of files that hold its bytes
}

var codecs = map[Codec]traits{
	PCMA: {payload: 8, rate: 8000, suffix: ".alaw"},
	PCMU: {payload: 0, rate: 8000, suffix: ".ulaw"},
	G722: {payload: 9, rate: 16000, suffix: ".g722"},
}

// Rate is the codec's samples per second, 0 for an unknown one.
func (c Codec) Rate() int { return codecs[c].rate }

// samples is how many samples one frame holds.
func (c Codec) samples() int { return c.Rate() / 50 }

// coder turns samples into payload and back. It is not safe for concurrent use:
// G.722 remembers what it coded before.
type coder interface {
	encode(payload []byte, pcm []int16)
	decode(pcm []int16, payload []byte) int
}

// newCoder gives one direction of a call its coder.
func newCoder(c Codec) (coder, error) {
	switch c {
	case PCMA:
		return companding{g711.EncodeAlawFrame, g711.DecodeAlawFrame}, nil
	case PCMU:
		return companding{g711.EncodeUlawFrame, g711.DecodeUlawFrame}, nil
	case G722:
		return &wideband{
			in:  g722.NewEncoder(g722.RateDefault, 0),
			out: g722.NewDecoder(g722.RateDefault, 0),
		}, nil
	}
	return nil, fmt.Errorf("sipphone: unknown codec %q", c)
}

// companding is G.711: one byte a sample, no memory.
type companding struct {
	pack   func(int16) uint8
	unpack func(uint8) int16
}

func (c companding) encode(payload []byte, pcm []int16) {
	for i, s := range pcm {
		payload[i] = c.pack(s)
	}
}

func (c companding) decode(pcm []int16, payload []byte) int {
	n := min(len(pcm), len(payload))
	for i, b := range payload[:n] {
		pcm[i] = c.unpack(b)
	}
	return n
}

// wideband is G.722: one byte for two samples.
type wideband struct {
	in  *g722.Encoder
	out *g722.Decoder
}

func (w *wideband) encode(payload []byte, pcm []int16) { w.in.Encode(payload, pcm) }

func (w *wideband) decode(pcm []int16, payload []byte) int {
	payload = payload[:min(len(payload), len(pcm)/2)]
	return w.out.Decode(pcm, payload)
}
