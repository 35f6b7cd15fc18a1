package voice

import (
	"github.com/gotranspile/g722"
	"github.com/zaf/g711"
)

// Formats are the files made of every sound, by extension. Asterisk plays the one of
// the call's codec, so no call is transcoded; sln16 serves every other codec.
func Formats() []string { return []string{"alaw", "ulaw", "g722", "sln16"} }

// encode gives the bytes of each format of a master at 16 kHz.
func encode(p PCM) map[string][]byte {
	wide := p.int16s()
	narrow := littleEndian(Resample(p, 8000).int16s())
	return map[string][]byte{
		"alaw":  g711.EncodeAlaw(narrow),
		"ulaw":  g711.EncodeUlaw(narrow),
		"g722":  g722.Encode(wide, g722.RateDefault, 0),
		"sln16": littleEndian(wide),
	}
}
