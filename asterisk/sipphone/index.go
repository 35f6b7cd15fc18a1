package sipphone

import (
	"fmt"
	"hash/maphash"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/zaf/g711"
)

// Index knows prompts by the bytes of their frames. Build it once, share it
// between all phones: after the last Add it is safe for concurrent use.
//
// The same frame may stand in several prompts (two prompts may even be the same
// sound); which one is heard follows from the frames beside it.
type Index struct {
	seed    maphash.Seed
	prompts []prompt
	frames  map[uint64][]spot
}

// prompt is one sound in one codec; frames count from 0.
type prompt struct {
	id          string
	first, last int      // frames that are not silence
	hashes      []uint64 // of every frame, 0 for silence
}

// spot is a place in a prompt.
type spot struct{ prompt, frame int }

// NewIndex makes an empty index, which recognises nothing.
func NewIndex() *Index {
	return &Index{seed: maphash.MakeSeed(), frames: map[uint64][]spot{}}
}

// IndexDir indexes every .alaw, .ulaw and .g722 file below a folder. A prompt's
// id is its path below the folder, without the suffix.
func IndexDir(dir string) (*Index, error) {
	x := NewIndex()
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		ext := path.Ext(name)
		for c, t := range codecs {
			if t.suffix != ext {
				continue
			}
			b, err := fs.ReadFile(root, name)
			if err != nil {
				return err
			}
			x.Add(strings.TrimSuffix(name, ext), c, b)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("sipphone: index %s: %w", dir, err)
	}
	return x, nil
}

// AddFile indexes the file base+suffix of every codec that exists, under one id.
// It is an error when none does.
func (x *Index) AddFile(id, base string) error {
	found := false
	for c, t := range codecs {
		b, err := os.ReadFile(base + t.suffix)
		if os.IsNotExist(err) {
			continue
		} else if err != nil {
			return fmt.Errorf("sipphone: index %s: %w", id, err)
		}
		x.Add(id, c, b)
		found = true
	}
	if !found {
		return fmt.Errorf("sipphone: index %s: no sound at %s", id, base)
	}
	return nil
}

// Add indexes one prompt in one codec. A part of a frame at the end is left out,
// and silence is no landmark.
func (x *Index) Add(id string, c Codec, sound []byte) {
	p := prompt{id: id, first: -1, hashes: make([]uint64, len(sound)/FrameBytes)}
	n := len(x.prompts)
	for i := range p.hashes {
		frame := sound[i*FrameBytes : (i+1)*FrameBytes]
		if faint(c, frame) {
			continue
		}
		if p.first < 0 {
			p.first = i
		}
		p.last = i
		h := x.hash(c, frame)
		p.hashes[i] = h
		x.frames[h] = append(x.frames[h], spot{n, i})
	}
	x.prompts = append(x.prompts, p)
}

// Len is the number of sounds known, one for each codec of a prompt.
func (x *Index) Len() int { return len(x.prompts) }

func (x *Index) hash(c Codec, frame []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(x.seed)
	_, _ = h.WriteString(string(c))
	_, _ = h.Write(frame)
	return h.Sum64() | 1 // never 0, which means silence
}

// faintest is the peak below which a G.711 frame is silence or noise: such
// frames look alike in many prompts.
const faintest = 64

// faint tells frames that identify nothing. G.722 has no level one could read off
// its bytes; there, a frame that repeats one byte throughout is silence.
func faint(c Codec, frame []byte) bool {
	switch c {
	case PCMA:
		return peak(frame, g711.DecodeAlawFrame) < faintest
	case PCMU:
		return peak(frame, g711.DecodeUlawFrame) < faintest
	}
	return strings.Count(string(frame), string(frame[:1])) == len(frame)
}

func peak(frame []byte, decode func(uint8) int16) int {
	most := 0
	for _, b := range frame {
		most = max(most, int(math.Abs(float64(decode(b)))))
	}
	return most
}

// Heard is one prompt, or a part of one, as it was heard.
type Heard struct {
	ID       string
	Also     []string // other prompts that sound the same as far as this was heard
	From     time.Time
	Offset   time.Duration // where in the prompt hearing began
	For      time.Duration // from the first to the last frame recognised
	Complete bool          // from the first sound of the prompt to the last
}

// Is tells whether what was heard is, or sounds the same as, the prompt id.
func (h Heard) Is(id string) bool {
	if h.ID == id {
		return true
	}
	return slices.Contains(h.Also, id)
}
