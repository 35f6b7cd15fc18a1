package ivrtest

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"hotline/ivr"
)

// Prompts is a catalogue without sounds: every prompt there is takes two seconds and
// a round of the ring-back tone five.
type Prompts struct {
	Missing map[string]bool // prompts that cannot be composed
	Silent  bool            // none can
}

var _ ivr.Prompts = Prompts{}

// Has reports whether a prompt can be composed.
func (p Prompts) Has(id string) bool { return !p.Silent && !p.Missing[id] }

// errMissing is what Compose fails with.
var errMissing = errors.New("no such prompt")

// Compose spells the prompt and its slots into the name of one sound.
func (p Prompts) Compose(_, id string, slots ivr.Slots) (ivr.Speech, error) {
	if !p.Has(id) {
		return ivr.Speech{}, errMissing
	}
	values := url.Values{}
	for name, value := range slots {
		values.Set(name, value)
	}
	sound := id
	if len(values) > 0 {
		sound += "?" + values.Encode()
	}
	_, _, length := spell(sound)
	return ivr.Speech{Sounds: []string{sound}, Length: length, Text: "[" + id + "]"}, nil
}

// spell reads a sound's name back.
func spell(sound string) (id string, slots ivr.Slots, length time.Duration) {
	id, query, _ := strings.Cut(sound, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return id, nil, 0
	}
	slots = ivr.Slots{}
	for name := range values {
		slots[name] = values.Get(name)
	}
	if isTone(id) {
		return id, slots, 5 * time.Second
	}
	return id, slots, 2 * time.Second
}

func isTone(id string) bool {
	return strings.HasPrefix(id, "tone-") || strings.HasPrefix(id, "silence-")
}
