package sms

// Concat says which part of a long text this is. The zero value is a text of one part.
type Concat struct {
	Ref   uint16
	Total int // 1..255
	Seq   int // 1..Total
}

// IsPart reports whether there are other parts.
func (c Concat) IsPart() bool {
	return c.Total > 1 && c.Seq >= 1 && c.Seq <= c.Total
}

// Identifiers of the two information elements that number parts.
const (
	concat8  = 0x00
	concat16 = 0x08
)

// Header is the user data header of this part, with an 8-bit reference: the form every
// handset knows.
func (c Concat) Header() []byte {
	return []byte{5, concat8, 3, byte(c.Ref), byte(c.Total), byte(c.Seq)}
}

// SplitHeader takes the user data header off and reads the concatenation in it, 8-bit
// or 16-bit; other elements are skipped. Data whose header is empty or runs over the
// end comes back whole with ok false: better a text with odd characters than none.
func SplitHeader(data []byte) (c Concat, rest []byte, ok bool) {
	if len(data) == 0 || data[0] == 0 || int(data[0])+1 > len(data) {
		return Concat{}, data, false
	}
	header, rest := data[1:1+int(data[0])], data[1+int(data[0]):]
	for len(header) >= 2 {
		id, size := header[0], int(header[1])
		if size > len(header)-2 {
			return Concat{}, data, false
		}
		readConcat(&c, id, header[2:2+size])
		header = header[2+size:]
	}
	return c, rest, true
}

func readConcat(c *Concat, id byte, v []byte) {
	switch {
	case id == concat8 && len(v) == 3:
		*c = Concat{Ref: uint16(v[0]), Total: int(v[1]), Seq: int(v[2])}
	case id == concat16 && len(v) == 4:
		*c = Concat{Ref: uint16(v[0])<<8 | uint16(v[1]), Total: int(v[2]), Seq: int(v[3])}
	}
}
