package sipphone

import "testing"

// One frame heard by an ear that knows a hundred prompts: what a call costs, fifty
// times a second.
func BenchmarkHear(b *testing.B) {
	x := NewIndex()
	for i := range 100 {
		x.Add(string(rune('a'+i)), PCMA, speech(uint64(i), 100))
	}
	ear, err := newEar(PCMA, Config{Index: x}.withDefaults())
	if err != nil {
		b.Fatal(err)
	}
	sound := speech(7, 100)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		at := i % 100 * FrameBytes
		ear.hear(packet{seq: uint16(i), stamp: uint32(i) * FrameBytes, body: sound[at : at+FrameBytes]}, 0)
	}
}
