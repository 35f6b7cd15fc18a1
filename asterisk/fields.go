package asterisk

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// members gives every member of an object to field, which takes its value. Names match
// in any case, as they do for encoding/json.
func members[T any](d *scanner, into *T, field func(*T, *scanner, string)) {
	for more := d.open('{', '}'); more; more = d.more('}') {
		field(into, d, fold(d.name()))
	}
}

// inner is members for an object that is a part of another; null leaves it as it is.
func inner[T any](d *scanner, into *T, field func(*T, *scanner, string)) {
	if !d.null() {
		members(d, into, field)
	}
}

// object is members for an object that may be missing.
func object[T any](d *scanner, into **T, field func(*T, *scanner, string)) {
	if d.null() {
		*into = nil
		return
	}
	if *into == nil {
		*into = new(T)
	}
	members(d, *into, field)
}

// fold writes a name the way ours are written; some letters have a third form.
func fold(name string) string {
	for i := range len(name) {
		if c := name[i]; 'A' <= c && c <= 'Z' || c >= utf8.RuneSelf {
			return strings.ReplaceAll(strings.ToLower(name), "ſ", "s")
		}
	}
	return name
}

// text reads a string; null leaves it as it is.
func (d *scanner) text(into *string) {
	if !d.null() {
		*into = d.quoted()
	}
}

// number reads an integer; null leaves it as it is.
func (d *scanner) number(into *int) {
	if d.null() {
		return
	}
	from := d.at
	d.digits()
	if d.err != nil {
		return
	}
	n, err := strconv.Atoi(d.in[from:d.at])
	if err != nil {
		d.fail("integer")
		return
	}
	*into = n
}

// table reads an object of strings.
func (d *scanner) table(into *map[string]string) {
	if d.null() {
		*into = nil
		return
	}
	if *into == nil {
		*into = map[string]string{}
	}
	for more := d.open('{', '}'); more; more = d.more('}') {
		name, value := d.name(), ""
		d.text(&value)
		if d.err == nil {
			(*into)[name] = value
		}
	}
}
