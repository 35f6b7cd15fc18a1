package voice

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// errWAV is wrapped by every refusal of a WAV file.
var errWAV = errors.New("unusable WAV")

// maxWAV bounds what is read from an engine or an operator's folder: ten minutes of
// 48 kHz stereo are far beyond any prompt.
const maxWAV = 120 << 20

// wavFormat is what the fmt chunk says.
type wavFormat struct {
	code, channels, bits int
	rate                 int
}

// DecodeWAV reads PCM of 8, 16, 24 or 32 bits, any number of channels up to eight
// (mixed to one) and any rate from 8 to 192 kHz. Sizes in the header are not
// believed: programs that write WAV to a pipe cannot know them.
func DecodeWAV(data []byte) (PCM, error) {
	if len(data) < 12 || string(data[:4]) != "RIFF" || string(data[8:12]) != "WAVE" {
		return PCM{}, fmt.Errorf("%w: no RIFF header", errWAV)
	}
	if len(data) > maxWAV {
		return PCM{}, fmt.Errorf("%w: larger than %d MB", errWAV, maxWAV>>20)
	}
	var format *wavFormat
	for rest := data[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:8]))
		rest = rest[8:]
		body := rest[:min(size, int64(len(rest)))]
		switch name {
		case "fmt ":
			f, err := parseFormat(body)
			if err != nil {
				return PCM{}, err
			}
			format = &f
		case "data":
			if format == nil {
				return PCM{}, fmt.Errorf("%w: data before its format", errWAV)
			}
			return format.decode(body), nil
		}
		rest = rest[min(size+size%2, int64(len(rest))):]
	}
	return PCM{}, fmt.Errorf("%w: no data", errWAV)
}

func parseFormat(body []byte) (wavFormat, error) {
	if len(body) < 16 {
		return wavFormat{}, fmt.Errorf("%w: short format", errWAV)
	}
	f := wavFormat{
		code:     int(binary.LittleEndian.Uint16(body)),
		channels: int(binary.LittleEndian.Uint16(body[2:])),
		rate:     int(binary.LittleEndian.Uint32(body[4:])),
		bits:     int(binary.LittleEndian.Uint16(body[14:])),
	}
	if f.code == 0xFFFE && len(body) >= 26 { // extensible: the real code comes later
		f.code = int(binary.LittleEndian.Uint16(body[24:]))
	}
	switch {
	case f.code != 1:
		return f, fmt.Errorf("%w: encoding %d, want PCM", errWAV, f.code)
	case f.channels < 1 || f.channels > 8:
		return f, fmt.Errorf("%w: %d channels", errWAV, f.channels)
	case f.rate < 8000 || f.rate > 192000:
		return f, fmt.Errorf("%w: %d Hz", errWAV, f.rate)
	case f.bits != 8 && f.bits != 16 && f.bits != 24 && f.bits != 32:
		return f, fmt.Errorf("%w: %d bits", errWAV, f.bits)
	}
	return f, nil
}

func (f wavFormat) decode(body []byte) PCM {
	width := f.bits / 8
	frame := width * f.channels
	out := PCM{Rate: f.rate, Samples: make([]float64, len(body)/frame)}
	for i := range out.Samples {
		sum := 0.0
		for c := range f.channels {
			sum += sample(body[i*frame+c*width:][:width])
		}
		out.Samples[i] = sum / float64(f.channels)
	}
	return out
}

// sample reads one little-endian sample; 8 bits are unsigned, the rest signed.
func sample(b []byte) float64 {
	switch len(b) {
	case 1:
		return (float64(b[0]) - 128) / 128
	case 2:
		return float64(int16(binary.LittleEndian.Uint16(b))) / (1 << 15)
	case 3:
		return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
	default:
		return float64(int32(binary.LittleEndian.Uint32(b))) / (1 << 31)
	}
}

// EncodeWAV writes 16-bit mono PCM with a plain 44-byte header.
func EncodeWAV(p PCM) []byte {
	body := littleEndian(p.int16s())
	out := make([]byte, 0, 44+len(body))
	out = append(out, "RIFF"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(36+len(body)))
	out = append(out, "WAVEfmt "...)
	out = binary.LittleEndian.AppendUint32(out, 16)
	out = binary.LittleEndian.AppendUint16(out, 1)
	out = binary.LittleEndian.AppendUint16(out, 1)
	out = binary.LittleEndian.AppendUint32(out, uint32(p.Rate))
	out = binary.LittleEndian.AppendUint32(out, uint32(p.Rate*2))
	out = binary.LittleEndian.AppendUint16(out, 2)
	out = binary.LittleEndian.AppendUint16(out, 16)
	out = append(out, "data"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(body)))
	return append(out, body...)
}

func littleEndian(samples []int16) []byte {
	out := make([]byte, 0, 2*len(samples))
	for _, s := range samples {
		out = binary.LittleEndian.AppendUint16(out, uint16(s))
	}
	return out
}
