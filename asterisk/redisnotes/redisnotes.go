// Package redisnotes keeps the notes of calls in Redis, where the other controllers find
// them when this one dies.
//
// A [Book] implements asterisk.Notebook. Each controller's notes are one hash, named
// after its ARI application, a field for each call. Whoever writes while nobody else does
// sends the note itself, which saves waking another goroutine; meanwhile the writes of
// other calls gather, and Run sends them in one pipeline, of two notes of a call only the
// later one. A caller waits for a note, but not for Redis: one that has not arrived
// after a few hundredths of a second counts as failed, and the switch keeps it on the
// channel instead. The book goes on trying, and writes everything there is once Redis is
// back, also now and then, in case it forgot.
package redisnotes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/asterisk"
)

const (
	patience = 50 * time.Millisecond  // a caller waits no longer for a note
	flushFor = 500 * time.Millisecond // one pipeline
	retry    = 500 * time.Millisecond // after one that failed
	again    = 5 * time.Second        // everything is written anew
	erase    = time.Second            // notes of calls that are over go at least so often
	keepFor  = 48 * time.Hour         // notes nobody came for
)

// ErrAway says that Redis does not answer at the moment.
var ErrAway = errors.New("the notebook's Redis is away")

// Book is the notebook of one controller. Its notes are safe once Write returns nil, as
// far as Redis is. Safe for concurrent use; Run has to be running.
type Book struct {
	redis  redis.UniversalClient
	prefix string
	log    *slog.Logger
	told   map[string]bool // applications Redis knows of; of whoever sends

	mu     sync.Mutex
	notes  map[slot][]byte // as they should stand in Redis
	dirty  map[slot]bool   // not there yet
	wait   *flush          // what those that write now wait for
	busy   bool            // somebody sends
	more   bool            // and somebody waits for the next time
	afresh bool            // Redis may know of no application any more
	slow   bool            // the last one to send waited in vain
	away   bool
	wake   chan struct{}
}

// slot is where a note stands.
type slot struct{ app, channel string }

// flush is one pipeline on its way.
type flush struct {
	changes map[slot][]byte // nil erases
	done    chan struct{}
	err     error // before done is closed
}

func newFlush() *flush { return &flush{done: make(chan struct{})} }

// New makes a book on a Redis. prefix begins every key; log may be nil.
func New(client redis.UniversalClient, prefix string, log *slog.Logger) *Book {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Book{redis: client, prefix: prefix, log: log, notes: map[slot][]byte{}, dirty: map[slot]bool{},
		told: map[string]bool{}, wait: newFlush(), wake: make(chan struct{}, 1)}
}

var _ asterisk.Notebook = (*Book)(nil)

// index is the set of applications that may have notes.
func (b *Book) index() string { return b.prefix + ":notes" }

// key is the hash of an application's notes.
func (b *Book) key(app string) string { return b.prefix + ":notes:{" + app + "}" }

// Write keeps a note in place of the call's last one. It fails with ErrAway when Redis
// does not take it within 50 ms, at once while Redis is known to be away; the note then
// arrives when Redis is back, unless a later one is written or it is erased.
func (b *Book) Write(ctx context.Context, app string, n asterisk.Note) error {
	text, err := n.Encode()
	if err != nil {
		return fmt.Errorf("note of %s: %w", n.Channel, err)
	}
	f := b.put(slot{app, n.Channel}, text)
	if f == nil {
		return ErrAway
	}
	if mine := b.begin(false); mine != nil {
		// Not ended by ctx: notes of other calls travel too.
		if !b.send(context.WithoutCancel(ctx), mine, patience) {
			return ErrAway
		}
		return nil
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-f.done:
		return f.err
	case <-late.C:
		return ErrAway
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// put notes a change; text nil erases. It returns what to wait for, nil while Redis is
// away.
func (b *Book) put(s slot, text []byte) *flush {
	b.mu.Lock()
	defer b.mu.Unlock()
	if text == nil {
		delete(b.notes, s)
	} else {
		b.notes[s] = text
	}
	b.dirty[s] = true
	if b.away {
		return nil
	}
	b.more = b.more || text != nil && b.busy
	return b.wait
}

// wakeUp makes Run send what is dirty.
func (b *Book) wakeUp() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Erase drops the note of a call that is over; it returns at once, and Redis hears of it
// with the next note that is written, or within a second: another that reads the note until
// then finds a call that is over. This book reads it no more.
func (b *Book) Erase(app, channel string) { b.put(slot{app, channel}, nil) }

// Read gives the notes of the applications that are wanted. A note that cannot be read is
// logged and left out.
func (b *Book) Read(ctx context.Context, wanted func(app string) bool) (map[string][]asterisk.Note, error) {
	apps, err := b.redis.SMembers(ctx, b.index()).Result()
	if err != nil {
		return nil, fmt.Errorf("whose notes there are: %w", err)
	}
	all := map[string][]asterisk.Note{}
	for _, app := range apps {
		if !wanted(app) {
			continue
		}
		fields, err := b.redis.HGetAll(ctx, b.key(app)).Result()
		if err != nil {
			return all, fmt.Errorf("notes of %s: %w", app, err)
		}
		if len(fields) == 0 {
			b.redis.SRem(ctx, b.index(), app)
		}
		for channel, text := range fields {
			var n asterisk.Note
			if err := json.Unmarshal([]byte(text), &n); err != nil || n.Channel != channel {
				b.log.Warn("unreadable note of a call", "app", app, "call", channel, "err", err)
				continue
			}
			if !b.erased(slot{app, channel}) {
				all[app] = append(all[app], n)
			}
		}
	}
	return all, nil
}

// erased reports whether a note is on its way out of Redis.
func (b *Book) erased(s slot) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dirty[s] && b.notes[s] == nil
}
