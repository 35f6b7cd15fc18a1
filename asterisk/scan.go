package asterisk

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// deepest is how far values may nest, as for encoding/json.
const deepest = 10000

// scanner reads one JSON value from its beginning to its end, once, and without
// reflection. What it reads and when it fails is what encoding/json would for the same
// fields (FuzzDecode), at a tenth of the price. Its first error stays and ends the input.
type scanner struct {
	in    string
	at    int
	depth int
	err   error
}

func (d *scanner) fail(expected string) {
	if d.err == nil {
		d.err = fmt.Errorf("no %s at byte %d", expected, d.at)
	}
	d.at = min(d.at, len(d.in))
	d.in = d.in[:d.at]
}

// peek is the first byte of what comes next, 0 at the end.
func (d *scanner) peek() byte {
	for ; d.at < len(d.in); d.at++ {
		switch c := d.in[d.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// take passes over c if it comes next.
func (d *scanner) take(c byte) bool {
	if d.peek() != c {
		return false
	}
	d.at++
	return true
}

// null passes over a null if one comes next.
func (d *scanner) null() bool {
	found := d.peek() == 'n'
	if found {
		d.word("null")
	}
	return found
}

func (d *scanner) word(w string) {
	if !strings.HasPrefix(d.in[d.at:], w) {
		d.fail("value")
		return
	}
	d.at += len(w)
}

// end makes sure that nothing follows.
func (d *scanner) end() {
	if d.peek() != 0 || d.at < len(d.in) {
		d.fail("end")
	}
}

// open enters an object or an array and reports whether there is anything in it.
func (d *scanner) open(bracket, closing byte) bool {
	if d.depth++; !d.take(bracket) || d.depth > deepest {
		d.fail(string(bracket))
	}
	return d.err == nil && !d.close(closing)
}

func (d *scanner) close(bracket byte) bool {
	closed := d.take(bracket)
	if closed {
		d.depth--
	}
	return closed
}

// more passes over the comma before the next element, or the bracket after the last.
func (d *scanner) more(closing byte) bool {
	if d.err != nil || d.close(closing) {
		return false
	}
	if !d.take(',') {
		d.fail("comma")
	}
	return d.err == nil
}

// name is an object's next name; its value comes next.
func (d *scanner) name() string {
	name := d.quoted()
	if !d.take(':') {
		d.fail("colon")
	}
	return name
}

// skip passes over a value of any kind.
func (d *scanner) skip() {
	switch d.peek() {
	case '{':
		for more := d.open('{', '}'); more; more = d.more('}') {
			d.name()
			d.skip()
		}
	case '[':
		for more := d.open('[', ']'); more; more = d.more(']') {
			d.skip()
		}
	case '"':
		d.quoted()
	case 't':
		d.word("true")
	case 'f':
		d.word("false")
	case 'n':
		d.word("null")
	default:
		d.digits()
	}
}

// quoted reads a string. It is a part of the input unless something in it is escaped or
// is no UTF-8.
func (d *scanner) quoted() string {
	if !d.take('"') {
		d.fail("string")
		return ""
	}
	in, from, at := d.in, d.at, d.at
	for at < len(in) && in[at] != '"' && in[at] != '\\' && ' ' <= in[at] && in[at] < utf8.RuneSelf {
		at++
	}
	if d.at = at; d.pass('"') {
		return in[from:at]
	}
	for d.at < len(in) && in[d.at] != '"' {
		if in[d.at] == '\\' {
			d.at++
		}
		d.at++
	}
	if !d.pass('"') {
		d.fail("end of a string")
		return ""
	}
	return d.unescaped(in[from-1 : d.at])
}

// unescaped is what a string in quotes means, with the help of encoding/json: it is rare.
func (d *scanner) unescaped(quoted string) string {
	var s string
	if json.Unmarshal([]byte(quoted), &s) != nil {
		d.fail("string")
	}
	return s
}

// digits passes over a number: -? (0 | [1-9][0-9]*) (.[0-9]+)? ([eE][+-]?[0-9]+)?
func (d *scanner) digits() {
	d.take('-')
	if !d.pass('0') {
		d.run()
	}
	if d.pass('.') {
		d.run()
	}
	if d.pass('e') || d.pass('E') {
		_ = d.pass('+') || d.pass('-')
		d.run()
	}
}

// pass is take without white space before it.
func (d *scanner) pass(c byte) bool {
	if d.at >= len(d.in) || d.in[d.at] != c {
		return false
	}
	d.at++
	return true
}

// run passes over one digit or more.
func (d *scanner) run() {
	from := d.at
	for d.at < len(d.in) && '0' <= d.in[d.at] && d.in[d.at] <= '9' {
		d.at++
	}
	if d.at == from {
		d.fail("number")
	}
}
