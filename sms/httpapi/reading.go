package httpapi

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/sms"
)

// parse reads one JSON value; numbers keep all their digits, since ids are longer than a
// float.
func parse(body []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}

// parseForm reads a form as an object of its first values.
func parseForm(values url.Values) map[string]any {
	out := make(map[string]any, len(values))
	for k, v := range values {
		out[k] = v[0]
	}
	return out
}

// at is what a path leads to, or nil.
func at(v any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// word is the text at a path; ok is false if there is none. Without a path there is none.
func word(v any, path string) (s string, ok bool) {
	if path == "" {
		return "", false
	}
	switch w := at(v, path).(type) {
	case string:
		return w, true
	case json.Number:
		return w.String(), true
	case bool:
		return strconv.FormatBool(w), true
	}
	return "", false
}

// first is the first text that one of the paths leads to.
func first(v any, paths []string) string {
	for _, p := range paths {
		if s, ok := word(v, p); ok && s != "" {
			return s
		}
	}
	return ""
}

// mostItems bounds the things of one list; no carrier sends that many at once.
const mostItems = 10_000

// items are the things that came, one or many. Nothing at a path is no thing.
func (r *Reading) items(v any) ([]any, error) {
	if r.Items != "" {
		v = at(v, r.Items)
	}
	switch v := v.(type) {
	case nil:
		if r.Items == "" {
			return nil, errors.New("nothing in it")
		}
		return nil, nil
	case []any:
		if len(v) > mostItems {
			return nil, fmt.Errorf("%d things, at most %d", len(v), mostItems)
		}
		return v, nil
	case map[string]any:
		return []any{v}, nil
	}
	return nil, errors.New("neither a list nor an object")
}

// What a thing must say.
var (
	errNoID     = errors.New("it does not say which text it speaks of")
	errNoState  = errors.New("it does not say what became of the text")
	errNoNumber = errors.New("it does not say whose text it is")
	errNoText   = errors.New("it has no text")
)

// receipt reads one thing as a receipt; asked is the carrier's id where we asked for it.
func (l *Link) receipt(r *Reading, item any, asked string) (sms.Receipt, error) {
	id, _ := word(item, r.ID)
	if id = cmp.Or(strings.TrimSpace(id), asked); id == "" {
		return sms.Receipt{}, errNoID
	}
	state, ok := word(item, r.State.Path)
	if !ok {
		return sms.Receipt{}, errNoState
	}
	out := sms.Receipt{Link: l.cfg.Name, CarrierID: id, Status: sms.Sent, DoneAt: r.Time.read(item)}
	switch {
	case slices.Contains(r.State.Delivered, state):
		out.Status = sms.Delivered
	case slices.Contains(r.State.Undelivered, state):
		out.Status = sms.Undelivered
	}
	number, _ := word(item, r.Number)
	out.Phone = sms.PhoneOf(number)
	code, _ := word(item, r.Code)
	out.Raw = cmp.Or(code, state)
	return out, nil
}

// part reads one thing as a citizen's text. Without an id of the carrier's, a text with a
// time is told from others by all that it says; so a callback and a pull make the same of
// it, even days apart.
func (l *Link) part(r *Reading, item any) (sms.Part, error) {
	number, ok := word(item, r.Number)
	if !ok || number == "" {
		return sms.Part{}, errNoNumber
	}
	text, ok := word(item, r.Text)
	if !ok {
		return sms.Part{}, errNoText
	}
	p := sms.Part{
		Link: l.cfg.Name, From: sms.PhoneOf(number), To: l.cfg.Numbers[0], Text: text,
		SentAt: r.Time.read(item), At: l.cfg.Clock.Now(),
	}
	to, ok := word(item, r.To)
	if ok && to != "" {
		p.To = sms.PhoneOf(to)
	}
	ext, _ := word(item, r.Ext)
	switch {
	case l.cfg.ExtDigits == 0: // whatever it is, it is none of ours
	case ext != "":
		p.Ext, p.To = ext, p.To+ext
	default:
		p.To, p.Ext = sms.Extension(l.cfg.Numbers, p.To)
	}
	h := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%d", p.From, ext, text, p.SentAt.Unix()))
	p.Hash = hex.EncodeToString(h[:16])
	p.ID, _ = word(item, r.ID)
	if p.ID == "" && !p.SentAt.IsZero() {
		p.ID = "sum-" + p.Hash
	}
	return p, nil
}

// zone is the clock's distance from UTC.
func (w When) zone() (*time.Location, error) {
	t, err := time.Parse("-07:00", cmp.Or(w.Zone, "+08:00"))
	if err != nil {
		return nil, fmt.Errorf("zone %q is not written like +08:00", w.Zone)
	}
	_, offset := t.Zone()
	return time.FixedZone(w.Zone, offset), nil
}

// read is the time a thing says; zero if it says none that can be read.
func (w When) read(item any) time.Time {
	s, ok := word(item, w.Path)
	zone, err := w.zone()
	if !ok || err != nil {
		return time.Time{}
	}
	for _, layout := range w.Layouts {
		switch layout {
		case "unix", "unixms":
			if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 0 {
				return moment(layout, n)
			}
		default:
			t, err := time.ParseInLocation(layout, s, zone)
			if err == nil && !strings.Contains(layout, "05") {
				t = t.Add(time.Minute)
			}
			if err == nil {
				return t.UTC()
			}
		}
	}
	return time.Time{}
}

// moment is a number of seconds or milliseconds as a time.
func moment(layout string, n int64) time.Time {
	if layout == "unix" {
		return time.Unix(n, 0).UTC()
	}
	return time.UnixMilli(n).UTC()
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
