package asterisk_test

import (
	"context"
	"sync"

	"hotline/asterisk"
)

// notebook is what two controllers of a test share.
type notebook struct {
	mu    sync.Mutex
	notes map[string]map[string]asterisk.Note // by application and channel
	away  bool
}

func newNotebook() *notebook { return &notebook{notes: map[string]map[string]asterisk.Note{}} }

func (b *notebook) Write(_ context.Context, app string, n asterisk.Note) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away {
		return context.DeadlineExceeded
	}
	if b.notes[app] == nil {
		b.notes[app] = map[string]asterisk.Note{}
	}
	b.notes[app][n.Channel] = n
	return nil
}

func (b *notebook) Erase(app, channel string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.notes[app], channel)
}

func (b *notebook) Read(_ context.Context, wanted func(string) bool) (map[string][]asterisk.Note, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away {
		return nil, context.DeadlineExceeded
	}
	all := map[string][]asterisk.Note{}
	for app, notes := range b.notes {
		for _, n := range notes {
			if wanted(app) {
				all[app] = append(all[app], n)
			}
		}
	}
	return all, nil
}

func (b *notebook) left() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, notes := range b.notes {
		n += len(notes)
	}
	return n
}

// playback is which playback the note of a channel tells of, -1 without one.
func (b *notebook) playback(channel string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, notes := range b.notes {
		if n, ok := notes[channel]; ok {
			return n.Playback
		}
	}
	return -1
}
