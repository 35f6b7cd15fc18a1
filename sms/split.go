package sms

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrTooLong says that a text needs more segments than one reference can number.
var ErrTooLong = errors.New("text too long for one message")

// How much one segment holds. A concatenation header of six octets takes seven septets,
// or three UCS-2 units, from each segment of a long text.
const (
	gsmWhole, gsmPart   = 160, 153 // septets
	ucs2Whole, ucs2Part = 70, 67   // 16-bit units
	maxSegments         = 255      // the header counts in one octet
)

// Coding is a data coding scheme as SMPP and CMPP number it.
type Coding byte

// The codings we send (GSM7, UCS2) and those we read besides.
const (
	GSM7   Coding = 0
	ASCII  Coding = 1
	Latin1 Coding = 3
	UCS2   Coding = 8
	GBK    Coding = 15 // local to China; not in the SMPP standard
)

// Segment is one piece of a text as it goes over the air.
type Segment struct {
	Coding Coding
	Concat Concat // zero for a text of one segment
	Data   []byte // user data without header: septets unpacked one an octet, or UCS-2 big-endian
}

// Sign puts the signature in front of a text, once. Carriers refuse texts without
// their registered 【signature】, and those that carry it twice.
func Sign(signature, text string) string {
	if signature == "" || strings.HasPrefix(text, signature) {
		return text
	}
	return signature + text
}

// Segments is the number of segments a text is billed and sent as, counted with
// everything it says: pass it signed (see [Sign]). An empty text is one segment. It
// allocates nothing.
func Segments(text string) int { return segments(text, isGSM7(text)) }

func segments(text string, gsm bool) int {
	whole, part := limits(gsm)
	total, parts, room := 0, 1, part
	for _, r := range text {
		n := width(r, gsm)
		total += n
		if n > room {
			parts++
			room = part
		}
		room -= n
	}
	if total <= whole {
		return 1
	}
	return parts
}

// Split encodes a text and cuts it between characters: never inside a surrogate pair,
// never between an escape and what it escapes. GSM-7 is used when every character has
// a place in it, UCS-2 otherwise. ref numbers a long text among those to one phone.
// It returns [ErrTooLong] above 255 segments.
func Split(text string, ref byte) ([]Segment, error) {
	return split(text, ref, isGSM7(text))
}

// SplitUCS2 is [Split] into UCS-2 whatever the text says, for carriers that have no
// GSM-7.
func SplitUCS2(text string, ref byte) ([]Segment, error) { return split(text, ref, false) }

func split(text string, ref byte, gsm bool) ([]Segment, error) {
	text = strings.ToValidUTF8(text, "\uFFFD")
	n := segments(text, gsm)
	if n > maxSegments {
		return nil, fmt.Errorf("%w: %d segments", ErrTooLong, n)
	}
	room, part := limits(gsm)
	if n > 1 {
		room = part
	}
	out := make([]Segment, 0, n)
	for len(text) > 0 || len(out) == 0 {
		cut := take(text, room, gsm)
		out = append(out, encode(text[:cut], gsm))
		text = text[cut:]
	}
	if n > 1 {
		for i := range out {
			out[i].Concat = Concat{Ref: uint16(ref), Total: n, Seq: i + 1}
		}
	}
	return out, nil
}

// limits is what a whole text and one part of a long one hold.
func limits(gsm bool) (whole, part int) {
	if gsm {
		return gsmWhole, gsmPart
	}
	return ucs2Whole, ucs2Part
}

// width is the room one character takes, in septets or 16-bit units.
func width(r rune, gsm bool) int {
	if gsm {
		return len(gsmCode[r])
	}
	return max(1, utf16.RuneLen(r))
}

// take is how many bytes of text fit into room.
func take(text string, room int, gsm bool) int {
	for i, r := range text {
		if room -= width(r, gsm); room < 0 {
			return i
		}
	}
	return len(text)
}

func encode(text string, gsm bool) Segment {
	if gsm {
		data := make([]byte, 0, len(text))
		for _, r := range text {
			data = append(data, gsmCode[r]...)
		}
		return Segment{Coding: GSM7, Data: data}
	}
	data := make([]byte, 0, 2*utf8.RuneCountInString(text))
	for _, r := range text {
		if r1, r2 := utf16.EncodeRune(r); r1 != utf8.RuneError {
			data = append(data, byte(r1>>8), byte(r1), byte(r2>>8), byte(r2))
			continue
		}
		data = append(data, byte(r>>8), byte(r))
	}
	return Segment{Coding: UCS2, Data: data}
}
