package sipphone

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// ReadWAV reads a mono 16-bit PCM file as a sound to say.
func ReadWAV(path string) (Sound, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Sound{}, fmt.Errorf("sipphone: read sound: %w", err)
	}
	pcm, rate, err := parseWAV(b)
	if err != nil {
		return Sound{}, fmt.Errorf("sipphone: %s: %w", path, err)
	}
	return PCM(pcm, rate), nil
}

var errNotWAV = errors.New("not a mono 16-bit PCM WAV file")

// parseWAV walks the chunks of a RIFF file; a data chunk that claims more than
// the file holds is read as far as it goes, as recorders that were cut off leave it.
func parseWAV(b []byte) (pcm []int16, rate int, err error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return nil, 0, errNotWAV
	}
	for b = b[12:]; len(b) >= 8; {
		size := int(min(uint64(binary.LittleEndian.Uint32(b[4:])), uint64(len(b)-8)))
		body := b[8 : 8+size]
		switch string(b[:4]) {
		case "fmt ":
			if size < 16 || binary.LittleEndian.Uint16(body) != 1 ||
				binary.LittleEndian.Uint16(body[2:]) != 1 || binary.LittleEndian.Uint16(body[14:]) != 16 {
				return nil, 0, errNotWAV
			}
			rate = int(binary.LittleEndian.Uint32(body[4:]))
		case "data":
			if rate == 0 {
				return nil, 0, errNotWAV
			}
			pcm = make([]int16, size/2)
			for i := range pcm {
				pcm[i] = int16(binary.LittleEndian.Uint16(body[2*i:]))
			}
			return pcm, rate, nil
		}
		b = b[min(8+size+size%2, len(b)):]
	}
	return nil, 0, errNotWAV
}

// wavFile renders samples as a mono 16-bit PCM file.
func wavFile(pcm []int16, rate int) []byte {
	size := uint32(2 * len(pcm))
	var b bytes.Buffer
	b.WriteString("RIFF")
	le := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) } // a Buffer never fails
	le(36 + size)
	b.WriteString("WAVEfmt ")
	le(uint32(16))
	le([2]uint16{1, 1})
	le([2]uint32{uint32(rate), uint32(2 * rate)})
	le([2]uint16{2, 16})
	b.WriteString("data")
	le(size)
	le(pcm)
	return b.Bytes()
}
