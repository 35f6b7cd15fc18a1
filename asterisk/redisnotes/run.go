package redisnotes

import (
	"context"
	"time"
)

// Run sends what was written until ctx ends, and then what is left, once. It returns nil.
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
		if b.send(ctx) {
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
	b.send(context.WithoutCancel(ctx))
	return nil
}

// soil makes everything be written again: Redis may have lost it.
func (b *Book) soil() {
	clear(b.told)
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.notes {
		b.dirty[s] = true
	}
	if len(b.dirty) > 0 {
		b.wakeUp()
	}
}

// send writes what is dirty in one pipeline and reports whether Redis took it.
func (b *Book) send(ctx context.Context) bool {
	b.mu.Lock()
	f, dirty := b.wait, b.dirty
	b.wait, b.dirty = newFlush(), map[slot]bool{}
	changes := make(map[slot][]byte, len(dirty))
	for s := range dirty {
		changes[s] = b.notes[s]
	}
	b.mu.Unlock()
	f.err = b.pipe(ctx, changes)
	b.mu.Lock()
	defer b.mu.Unlock()
	if f.err != nil {
		for s := range changes {
			b.dirty[s] = true
		}
	}
	if away := f.err != nil; away != b.away {
		b.away = away
		b.log.Warn("notes of calls", "redis away", away, "err", f.err)
	}
	close(f.done)
	return f.err == nil
}

// pipe makes the changes in Redis.
func (b *Book) pipe(ctx context.Context, changes map[slot][]byte) error {
	if len(changes) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, flushFor)
	defer cancel()
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
