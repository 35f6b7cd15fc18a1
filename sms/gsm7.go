package sms

// escape introduces a character of the extension table; it costs a septet of its own.
const escape = 0x1B

// gsmBasic is the default alphabet of 3GPP TS 23.038; a rune's place is its code.
var gsmBasic = []rune("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ" +
	" !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")

// gsmExtra is the extension table: what follows an escape.
var gsmExtra = map[byte]rune{
	0x0A: '\f', 0x14: '^', 0x28: '{', 0x29: '}', 0x2F: '\\',
	0x3C: '[', 0x3D: '~', 0x3E: ']', 0x40: '|', 0x65: '€',
}

// gsmCode is both tables turned round: one byte, or an escape and one byte.
var gsmCode = turnRound(gsmBasic, gsmExtra)

func turnRound(basic []rune, extra map[byte]rune) map[rune][]byte {
	codes := make(map[rune][]byte, len(basic)+len(extra))
	for code, r := range basic {
		if code != escape {
			codes[r] = []byte{byte(code)}
		}
	}
	for code, r := range extra {
		codes[r] = []byte{escape, code}
	}
	return codes
}

// isGSM7 reports whether every rune of text is in the alphabet.
func isGSM7(text string) bool {
	for _, r := range text {
		if _, ok := gsmCode[r]; !ok {
			return false
		}
	}
	return true
}

// decodeGSM7 reads unpacked septets, one a byte. An unknown escape reads as a space,
// as the specification asks of a receiver.
func decodeGSM7(data []byte) string {
	out := make([]rune, 0, len(data))
	for i := 0; i < len(data); i++ {
		c := data[i] & 0x7F
		if c != escape {
			out = append(out, gsmBasic[c])
			continue
		}
		if i++; i >= len(data) {
			break
		}
		r, ok := gsmExtra[data[i]&0x7F]
		if !ok {
			r = ' '
		}
		out = append(out, r)
	}
	return string(out)
}
