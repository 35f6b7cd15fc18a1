package sms

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Decode reads the data of an incoming segment. It never fails: what cannot be read
// comes out with replacement characters, so that a person can still see that somebody
// wrote. Coding 0 is not believed blindly, because handsets and gateways send UCS-2 and
// GBK under it.
func Decode(c Coding, data []byte) string {
	switch c {
	case UCS2, 25: // 25 is seen where a gateway adds the signature itself
		return decodeUCS2(data)
	case GBK:
		return decodeGBK(data)
	case Latin1:
		return decodeLatin1(data)
	case ASCII:
		return decodeASCII(data)
	case GSM7:
		return decodeDefault(data)
	}
	// With a message class, as carriers pass it on from the handset (3GPP TS 23.038 §4):
	// the alphabet is in two bits.
	switch {
	case c&0xF0 == 0x10 && c&0x0C == 0x00, c&0xF0 == 0xF0 && c&0x04 == 0:
		return decodeDefault(data)
	case c&0xF0 == 0x10 && c&0x0C == 0x08:
		return decodeUCS2(data)
	}
	return guess(data)
}

// decodeDefault reads coding 0: septets, unless the bytes say otherwise.
func decodeDefault(data []byte) string {
	if looksLatinUCS2(data) {
		return decodeUCS2(data)
	}
	for _, b := range data {
		if b >= 0x80 {
			return guess(data)
		}
	}
	return decodeGSM7(data)
}

// looksLatinUCS2 spots "\x001\x002": every high octet zero. As septets that would be
// an @ before every character, as ASCII a NUL, which nobody writes.
func looksLatinUCS2(data []byte) bool {
	if len(data) < 2 || len(data)%2 != 0 {
		return false
	}
	for i := 0; i < len(data); i += 2 {
		if data[i] != 0 || data[i+1] == 0 {
			return false
		}
	}
	return true
}

// guess tries the three encodings that occur and takes the first that reads as text.
func guess(data []byte) string {
	if len(data)%2 == 0 {
		if s := decodeUCS2(data); readable(s) {
			return s
		}
	}
	if utf8.Valid(data) && readable(string(data)) {
		return string(data)
	}
	if s := decodeGBK(data); readable(s) {
		return s
	}
	return decodeLatin1(data)
}

// readable accepts Chinese, Latin and their punctuation; a text read in the wrong
// encoding is full of rare scripts, private characters and controls.
func readable(s string) bool {
	for _, r := range s {
		ok := r == '\n' || r == '\r' || r == '\t' ||
			unicode.Is(unicode.Han, r) && r < 0xA000 ||
			r >= 0x20 && r < 0x7F || r >= 0x2010 && r <= 0x2040 || r >= 0x3000 && r <= 0x3020 ||
			r >= 0xFF00 && r <= 0xFF5E || r >= 0x1F300 && r <= 0x1FAFF || r == 0xFE0F || r == 0x20E3
		if !ok {
			return false
		}
	}
	return true
}

// decodeUCS2 reads big-endian UTF-16, since phones send emoji as surrogate pairs; a
// byte order mark is obeyed and an odd last octet dropped.
func decodeUCS2(data []byte) string {
	little := len(data) >= 2 && data[0] == 0xFF && data[1] == 0xFE
	units := make([]uint16, 0, len(data)/2)
	for i := 0; i+1 < len(data); i += 2 {
		u := uint16(data[i])<<8 | uint16(data[i+1])
		if little {
			u = u<<8 | u>>8
		}
		if i == 0 && u == 0xFEFF {
			continue
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}

func decodeGBK(data []byte) string {
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	if err != nil {
		return decodeLatin1(data)
	}
	return string(out)
}

func decodeLatin1(data []byte) string {
	var b strings.Builder
	for _, c := range data {
		b.WriteRune(rune(c))
	}
	return b.String()
}

func decodeASCII(data []byte) string {
	if looksLatinUCS2(data) {
		return decodeUCS2(data)
	}
	for _, c := range data {
		if c >= 0x80 {
			return guess(data)
		}
	}
	return string(data)
}
