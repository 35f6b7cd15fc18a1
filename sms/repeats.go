package sms

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A carrier that misses our acknowledgement brings a text again after a minute, three
// times. A citizen who means it types the same text again later than that, or in
// answer to a new question.
const (
	repeatWithin = 10 * time.Minute
	maxRepeats   = 50_000 // remembered of each kind; above it the key alone has to do
)

// repeats gives the same key to the same text for ten minutes. The key carries the
// ten minutes of the clock it first came in, so that mostly even a repetition after a
// crash, when this memory is gone, gets the key it had.
type repeats struct {
	texts     map[string]seenText  // by hash
	questions map[string]time.Time // by phone: when it was last asked something
}

type seenText struct {
	key, phone string
	at         time.Time
}

func newRepeats() repeats {
	return repeats{texts: map[string]seenText{}, questions: map[string]time.Time{}}
}

// key is the key of a text without an id of its own.
func (r *repeats) key(p Part, now time.Time) string {
	r.forget(now)
	if seen, ok := r.texts[p.Hash]; ok && now.Sub(seen.at) < repeatWithin {
		return seen.key
	}
	key := sumMark(p) + strconv.FormatInt(now.Truncate(repeatWithin).Unix(), 10)
	if asked, ok := r.questions[p.From]; ok {
		key += fmt.Sprintf("+%d", asked.UnixMilli())
	}
	if len(r.texts) < maxRepeats {
		r.texts[p.Hash] = seenText{key, p.From, now}
	}
	return key
}

// knows says whether a text is remembered here.
func (r *repeats) knows(p Part, now time.Time) bool {
	seen, ok := r.texts[p.Hash]
	return ok && now.Sub(seen.at) < repeatWithin
}

// recall remembers a text that another process stored, if it is the same and the phone
// was asked nothing since. stored are the phone's texts of the last ten minutes.
func (r *repeats) recall(p Part, stored []Inbound) {
	for _, in := range stored {
		i := strings.Index(in.Key, sumMark(p))
		if asked, ok := r.questions[p.From]; i < 0 || ok && asked.After(in.ReceivedAt) || len(r.texts) >= maxRepeats {
			continue
		}
		r.texts[p.Hash] = seenText{in.Key[i:], p.From, in.ReceivedAt}
	}
}

// sumMark begins the key of a text without an id of its own.
func sumMark(p Part) string { return fmt.Sprintf("sum:%s:%s@", p.Link, p.Hash) }

// asked says that a phone was asked a question: what it answers is new, even if it
// says the same as before.
func (r *repeats) asked(phone string, now time.Time) {
	r.forget(now)
	if len(r.questions) < maxRepeats {
		r.questions[phone] = now
	}
	for hash, seen := range r.texts {
		if seen.phone == phone {
			delete(r.texts, hash)
		}
	}
}

// forget drops what is too old to matter once the memory is half full.
func (r *repeats) forget(now time.Time) {
	if len(r.texts) > maxRepeats/2 {
		for hash, seen := range r.texts {
			if now.Sub(seen.at) >= repeatWithin {
				delete(r.texts, hash)
			}
		}
	}
	if len(r.questions) > maxRepeats/2 {
		for phone, at := range r.questions {
			if now.Sub(at) >= repeatWithin {
				delete(r.questions, phone)
			}
		}
	}
}
