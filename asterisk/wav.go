package asterisk

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// loud is the mean amplitude from which 20 ms count as sound, the same measure and
// value Asterisk's silence detector uses.
const loud = 256

// errNotWAV says that a file is not what Asterisk writes as "wav".
var errNotWAV = errors.New("not a 16-bit mono WAV file")

// MeasureWAV reads a recording of Asterisk's, 16-bit mono, and tells its length and the
// time until its last sound. The error is for what is no such file.
// Asterisk writes the header before it knows the length, so the end of the file counts,
// not what the header says.
func MeasureWAV(r io.Reader) (length, untilSilence time.Duration, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	rate, err := readWAVHeader(in)
	if err != nil {
		return 0, 0, err
	}
	frame := make([]byte, rate/50*2)
	var samples, last int
	for {
		n, err := io.ReadFull(in, frame)
		samples += n / 2
		if meanAmplitude(frame[:n&^1]) >= loud {
			last = samples
		}
		if err != nil {
			return span(samples, rate), span(last, rate), nil
		}
	}
}

func span(samples, rate int) time.Duration {
	return time.Duration(samples) * time.Second / time.Duration(rate)
}

func meanAmplitude(pcm []byte) int {
	if len(pcm) == 0 {
		return 0
	}
	sum := 0
	for i := 0; i+1 < len(pcm); i += 2 {
		v := int(int16(binary.LittleEndian.Uint16(pcm[i:])))
		sum += max(v, -v)
	}
	return sum / (len(pcm) / 2)
}

// readWAVHeader skips to the samples and returns how many there are in a second.
func readWAVHeader(in *bufio.Reader) (rate int, err error) {
	var riff [12]byte
	if _, err := io.ReadFull(in, riff[:]); err != nil {
		return 0, fmt.Errorf("%w: %w", errNotWAV, err)
	}
	if string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return 0, errNotWAV
	}
	for {
		var head [8]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return 0, fmt.Errorf("%w: %w", errNotWAV, err)
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		switch string(head[:4]) {
		case "data":
			if rate == 0 {
				return 0, errNotWAV
			}
			return rate, nil
		case "fmt ":
			if rate, err = readWAVFormat(in, size); err != nil {
				return 0, err
			}
		default:
			if _, err := io.CopyN(io.Discard, in, size+size&1); err != nil {
				return 0, fmt.Errorf("%w: %w", errNotWAV, err)
			}
		}
	}
}

func readWAVFormat(in *bufio.Reader, size int64) (rate int, err error) {
	if size < 16 || size > 64 {
		return 0, errNotWAV
	}
	b := make([]byte, size+size&1)
	if _, err := io.ReadFull(in, b); err != nil {
		return 0, fmt.Errorf("%w: %w", errNotWAV, err)
	}
	format, channels := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])
	rate, bits := int(binary.LittleEndian.Uint32(b[4:])), binary.LittleEndian.Uint16(b[14:])
	if format != 1 || channels != 1 || bits != 16 || rate < 8000 || rate > 48000 {
		return 0, errNotWAV
	}
	return rate, nil
}
