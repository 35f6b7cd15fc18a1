package ivr_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hotline/asterisk/sipphone"
	"hotline/ivr"
)

// noise is a catalogue of prompts that are half a second of noise each.
type noise struct{ dir string }

func (n noise) Has(string) bool { return true }

func (n noise) Compose(_, id string, _ ivr.Slots) (ivr.Speech, error) {
	return ivr.Speech{Sounds: []string{filepath.Join(n.dir, id)}, Length: 500 * time.Millisecond, Text: id}, nil
}

// record makes the prompts' files and an index to know them by.
func (n noise) record(t *testing.T, flow *ivr.Flow) *sipphone.Index {
	t.Helper()
	index := sipphone.NewIndex()
	random := rand.New(rand.NewPCG(1, 2))
	for _, id := range ivr.UsedPrompts(flow) {
		sound := make([]byte, 25*sipphone.FrameBytes)
		for i := range sound {
			sound[i] = byte(random.IntN(0x30)) ^ 0x95 ^ byte(random.IntN(2)<<7)
		}
		for _, codec := range []string{".alaw", ".ulaw"} {
			if err := os.WriteFile(filepath.Join(n.dir, id+codec), sound, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := index.AddFile(id, filepath.Join(n.dir, id)); err != nil {
			t.Fatal(err)
		}
	}
	return index
}
