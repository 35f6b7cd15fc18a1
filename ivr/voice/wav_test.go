package voice

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"
)

// sine is a test tone of a given peak in dBFS.
func sine(rate int, hz, db, seconds float64) PCM {
	p := PCM{Rate: rate, Samples: make([]float64, int(seconds*float64(rate)))}
	for i := range p.Samples {
		p.Samples[i] = linear(db) * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))
	}
	return p
}

func TestWAVRoundTrip(t *testing.T) {
	in := sine(22050, 440, -6, 0.1)
	out, err := DecodeWAV(EncodeWAV(in))
	if err != nil || out.Rate != in.Rate || len(out.Samples) != len(in.Samples) {
		t.Fatalf("got %d samples at %d, %v", len(out.Samples), out.Rate, err)
	}
	for i := range in.Samples {
		if math.Abs(in.Samples[i]-out.Samples[i]) > 1e-4 {
			t.Fatalf("sample %d: %f became %f", i, in.Samples[i], out.Samples[i])
		}
	}
}

// wavHead is what a file says about itself.
type wavHead struct{ code, channels, rate, bits int }

// wav builds a file with a chosen header.
func wav(h wavHead, body []byte) []byte {
	out := []byte("RIFF\xff\xff\xff\xffWAVELIST\x04\x00\x00\x00abcdfmt ")
	out = binary.LittleEndian.AppendUint32(out, 16)
	for _, v := range []int{h.code, h.channels} {
		out = binary.LittleEndian.AppendUint16(out, uint16(v))
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(h.rate))
	out = append(out, 0, 0, 0, 0, 0, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(h.bits))
	out = append(out, "data\xff\xff\xff\xff"...)
	return append(out, body...)
}

func TestWAVKinds(t *testing.T) {
	for name, c := range map[string]struct {
		file []byte
		want float64
	}{
		"8 bit":              {wav(wavHead{1, 1, 8000, 8}, []byte{192}), 0.5},
		"16 bit, piped":      {wav(wavHead{1, 1, 8000, 16}, []byte{0, 0x40}), 0.5},
		"24 bit":             {wav(wavHead{1, 1, 8000, 24}, []byte{0, 0, 0xc0}), -0.5},
		"32 bit":             {wav(wavHead{1, 1, 8000, 32}, []byte{0, 0, 0, 0x40}), 0.5},
		"stereo becomes one": {wav(wavHead{1, 2, 8000, 16}, []byte{0, 0x40, 0, 0}), 0.25},
	} {
		p, err := DecodeWAV(c.file)
		if err != nil || len(p.Samples) != 1 || math.Abs(p.Samples[0]-c.want) > 1e-6 {
			t.Errorf("%s: %v, %v, want %v", name, p.Samples, err, c.want)
		}
	}
}

func TestWAVRefused(t *testing.T) {
	good := EncodeWAV(sine(8000, 440, -6, 0.01))
	for name, file := range map[string][]byte{
		"empty": nil, "text": []byte("404 not found, sorry about that"), "header only": good[:12], "no data": good[:36],
		"float": wav(wavHead{3, 1, 8000, 32}, nil), "no channel": wav(wavHead{1, 0, 8000, 16}, nil), "12 bits": wav(wavHead{1, 1, 8000, 12}, nil),
		"slow": wav(wavHead{1, 1, 1000, 16}, nil),
	} {
		if _, err := DecodeWAV(file); !errors.Is(err, errWAV) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
}

func FuzzDecodeWAV(f *testing.F) {
	f.Add(EncodeWAV(sine(8000, 440, -6, 0.01)))
	f.Add(wav(wavHead{1, 2, 44100, 24}, []byte{1, 2, 3, 4, 5, 6, 7}))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVEfmt \xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := DecodeWAV(data)
		if err == nil && (p.Rate < 8000 || len(p.Samples) > len(data)) {
			t.Errorf("%d samples at %d Hz out of %d bytes", len(p.Samples), p.Rate, len(data))
		}
	})
}
