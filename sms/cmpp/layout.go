package cmpp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
)

// What can be wrong with a body; each has a result of its own (see resultOf).
var (
	errStructure = errors.New("body is cut short")
	errLength    = errors.New("content runs over the end")
)

// layout walks the fields of a body in their order. It reads them or, with writing set,
// writes them, so that each PDU's layout is told once.
type layout struct {
	Version
	writing bool
	rest    []byte // reading: what is left; writing: what there is
	err     error  // the first; all later fields are then zero
}

// octets is the next n octets; all zero if there are none.
func (l *layout) octets(n int) []byte {
	if l.writing {
		l.rest = append(l.rest, make([]byte, n)...)
		return l.rest[len(l.rest)-n:]
	}
	if l.err == nil && n > len(l.rest) {
		l.err = errStructure
	}
	if l.err != nil {
		return make([]byte, n)
	}
	b := l.rest[:n]
	l.rest = l.rest[n:]
	return b
}

func (l *layout) u8(v *byte) {
	if b := l.octets(1); l.writing {
		b[0] = *v
	} else {
		*v = b[0]
	}
}

func (l *layout) u32(v *uint32) {
	if b := l.octets(4); l.writing {
		binary.BigEndian.PutUint32(b, *v)
	} else {
		*v = binary.BigEndian.Uint32(b)
	}
}

func (l *layout) id(v *MsgID) {
	if b := l.octets(8); l.writing {
		binary.BigEndian.PutUint64(b, uint64(*v))
	} else {
		*v = MsgID(binary.BigEndian.Uint64(b))
	}
}

// text is an octet string: it ends at the first NUL, and blanks around it are padding.
func (l *layout) text(s *string, n int) {
	b := l.octets(n)
	if l.writing {
		copy(b, *s)
		return
	}
	b, _, _ = bytes.Cut(b, []byte{0})
	*s = strings.TrimSpace(string(b))
}

// phone is a number of a handset: 21 octets in 2.0, 32 in 3.0.
func (l *layout) phone(s *string) {
	if l.Version == V20 {
		l.text(s, 21)
	} else {
		l.text(s, 32)
	}
}

// since30 is an octet that 2.0 does not have.
func (l *layout) since30(v *byte) {
	if l.Version != V20 {
		l.u8(v)
	}
}

// result is one octet in 2.0 and four in 3.0. Gateways answer in the form of the other
// version too; after, the size of the fields that follow, tells. They may be missing.
func (l *layout) result(v *uint32, after int) {
	wide := l.Version != V20
	if !l.writing {
		switch len(l.rest) {
		case 1, 1 + after:
			wide = false
		case 4, 4 + after:
			wide = true
		}
	}
	if wide {
		l.u32(v)
		return
	}
	narrow := byte(*v)
	l.u8(&narrow)
	*v = uint32(narrow)
}

// content is what is said, with its length in front. lenient takes a length that runs over
// the end for as much as there is.
func (l *layout) content(v *[]byte, lenient bool) {
	size := byte(len(*v))
	l.u8(&size)
	if l.writing {
		l.rest = append(l.rest, (*v)[:size]...)
		return
	}
	n := int(size)
	if l.err == nil && n > len(l.rest) {
		if !lenient {
			l.err = errLength
		}
		n = len(l.rest)
	}
	*v = bytes.Clone(l.octets(n))
}

// tail is what stands behind the content and means nothing: gateways leave it away.
func (l *layout) tail() {
	n := 8 // Reserve
	if l.Version != V20 {
		n = 20 // LinkID
	}
	if l.writing {
		l.octets(n)
	}
}
