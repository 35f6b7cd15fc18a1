package redisnotes

import (
	"context"
	"time"
)

// Run sends what no writer sends itself until ctx ends, and then what is left, once. It
// returns nil.
func (b *Book) Run(ctx context.Context) error {
	all, some := time.NewTicker(again), time.NewTicker(erase)
	defer all.Stop()
	defer some.Stop()
	for {
		select {
		case <-b.wake:
		case <-some.C:
		case <-all.C:
			b.soil()
		case <-ctx.Done():
			return b.last(ctx)
		}
		if f := b.begin(true); f == nil || b.send(ctx, f, flushFor) {
			continue
		}
		pause := time.NewTimer(retry)
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
		pause.Stop()
		b.soil()
	}
}

// last sends what is left when the book is closed.
func (b *Book) last(ctx context.Context) error {
	if f := b.begin(true); f != nil {
		b.send(context.WithoutCancel(ctx), f, flushFor)
	}
	return nil
}

// soil makes everything be written again: Redis may have lost it.
func (b *Book) soil() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.afresh = true
	for s := range b.notes {
		b.dirty[s] = true
	}
	if len(b.dirty) > 0 {
		b.wakeUp()
	}
}

// begin takes what is dirty to be sent; nil while another sends, who is told of it, and
// when there is nothing. Nobody but Run, patient, tries a Redis that is slow or away.
func (b *Book) begin(patient bool) *flush {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.busy || len(b.dirty) == 0 || (b.slow || b.away) && !patient {
		return nil
	}
	b.busy = true
	f := b.wait
	f.changes = make(map[slot][]byte, len(b.dirty))
	for s := range b.dirty {
		f.changes[s] = b.notes[s]
	}
	if b.afresh {
		clear(b.told)
	}
	b.wait, b.afresh, b.more = newFlush(), false, false
	clear(b.dirty)
	return f
}

// send writes what was begun in one pipeline, and reports whether Redis took it in time.
// What gathered meanwhile is Run's.
func (b *Book) send(ctx context.Context, f *flush, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	f.err = b.pipe(ctx, f.changes)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.busy = false
	if f.err != nil {
		b.afresh = true
		for s := range f.changes {
			b.dirty[s] = true
		}
	}
	b.slow = f.err != nil
	away := f.err != nil && (limit == flushFor || ctx.Err() == nil) // a writer did not wait long enough to know
	if away != b.away {
		b.away = away
		b.log.Warn("notes of calls", "redis away", away, "err", f.err)
	}
	if b.more || f.err != nil {
		b.wakeUp()
	}
	close(f.done)
	return f.err == nil
}

// pipe makes the changes in Redis. Only one runs at a time.
func (b *Book) pipe(ctx context.Context, changes map[slot][]byte) error {
	p := b.redis.Pipeline()
	apps := map[string]bool{}
	for s, text := range changes {
		if text == nil {
			p.HDel(ctx, b.key(s.app), s.channel)
			continue
		}
		apps[s.app] = !b.told[s.app]
		p.HSet(ctx, b.key(s.app), s.channel, text)
	}
	for app, news := range apps {
		if news {
			p.SAdd(ctx, b.index(), app)
			p.Expire(ctx, b.key(app), keepFor)
			b.told[app] = true
		}
	}
	_, err := p.Exec(ctx)
	return err // after one Run soils, and tells of every application anew
}
