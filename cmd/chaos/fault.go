package main

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"time"

	"hotline/cmd/rig"
)

// fault is one way to break things. strike breaks, waits as long as it stays broken, and
// leaves in the injury how to mend it.
type fault struct {
	name   string
	strike func(context.Context, *injury)
}

// faults lists all of a town's, in a fixed order.
func (t *town) faults() []fault {
	var all []fault
	for _, part := range t.rig.Parts() {
		all = append(all,
			fault{"kill-" + part, func(ctx context.Context, x *injury) { x.kill(ctx, part) }},
			fault{"stop-" + part, func(ctx context.Context, x *injury) { x.freeze(ctx, part) }})
	}
	for _, w := range t.wires {
		all = append(all,
			fault{"cut-" + w.Name, func(ctx context.Context, x *injury) { x.wire(ctx, w, condition{Cut: true}) }},
			fault{"dead-" + w.Name, func(ctx context.Context, x *injury) { x.wire(ctx, w, condition{Dead: true}) }},
			fault{"delay-" + w.Name, func(ctx context.Context, x *injury) {
				x.wire(ctx, w, condition{Delay: x.between(20*time.Millisecond, 400*time.Millisecond)})
			}})
	}
	return append(all,
		fault{"slow-redis", func(ctx context.Context, x *injury) { x.slowRedis(ctx) }},
		fault{"disk-full", func(ctx context.Context, x *injury) { x.fillDisk(ctx) }},
		fault{"http-sessions", func(ctx context.Context, x *injury) { x.fillSessions(ctx) }},
		fault{"clock-step", func(ctx context.Context, x *injury) { x.moveClock(ctx) }},
		fault{"rolling-restart", func(ctx context.Context, x *injury) { x.roll(ctx) }})
}

// say notes what was done, with its times.
func (x *injury) say(format string, args ...any) {
	x.round.Notes = append(x.round.Notes, fmt.Sprintf(format, args...))
}

// kill ends a part as a power cut would; its supervisor starts it again.
func (x *injury) kill(ctx context.Context, part string) {
	x.excuse(part, true)
	began := time.Now()
	x.town.rig.Kill(part)
	x.cutTape(part)
	wait(ctx, x.between(300*time.Millisecond, 2*time.Second))
	x.town.restart(ctx, part, &x.findings)
	x.ready = time.Now()
	x.say("%s was away for %v", part, x.ready.Sub(began).Round(time.Millisecond))
	x.deafen(part, began, x.ready)
}

// freeze stops a part where it stands and lets it go on.
func (x *injury) freeze(ctx context.Context, part string) {
	x.excuse(part, false)
	p := x.town.rig.Running(part)
	if p == nil {
		x.findings = append(x.findings, part+" was not running")
		return
	}
	began := time.Now()
	thaw := p.Freeze()
	wait(ctx, x.between(time.Second, 8*time.Second))
	thaw()
	x.ready = time.Now()
	x.say("%s stood still for %v", part, x.ready.Sub(began).Round(time.Millisecond))
	x.deafen(part, began, x.ready)
}

// wire puts a wire into a condition for a while.
func (x *injury) wire(ctx context.Context, w *wire, c condition) {
	began := time.Now()
	w.set(c)
	wait(ctx, x.between(time.Second, 5*time.Second))
	w.set(condition{})
	x.ready = time.Now()
	x.say("%s: %+v for %v", w.Name, c, x.ready.Sub(began).Round(time.Millisecond))
	if strings.Contains(w.Name, "trunk") {
		x.longer = 20 * time.Second // SIP goes on asking for 32 s
	}
	if c.Delay == 0 {
		x.deafen(w.Name, began, x.ready)
	}
}

// slowRedis lets every command take two seconds.
func (x *injury) slowRedis(ctx context.Context) {
	for _, w := range x.town.wiresTo(rig.Redis) {
		w.set(condition{Delay: time.Second}) // there and back
		x.heal = append(x.heal, func(context.Context) error { w.set(condition{}); return nil })
	}
	wait(ctx, x.between(2*time.Second, 5*time.Second))
}

// roll restarts every controller in turn, politely.
func (x *injury) roll(ctx context.Context) {
	began := time.Now()
	for _, part := range x.town.controllers() {
		p := x.town.rig.Take(part)
		if p == nil {
			x.findings = append(x.findings, part+" was not running")
			continue
		}
		_ = syscall.Kill(p.Pid(), syscall.SIGTERM) // it is there until it is waited for
		select {
		case <-p.Gone:
		case <-time.After(drainLimit + 10*time.Second):
			x.findings = append(x.findings, part+" did not stop when asked to")
			p.Kill()
		}
		if code := p.Code(); code != 0 && !strings.Contains(p.LastLines(1), "was replaced") {
			x.findings = append(x.findings, fmt.Sprintf("%s stopped with code %d", part, code))
		}
		x.town.restart(ctx, part, &x.findings)
	}
	x.ready = time.Now()
	x.say("all controllers restarted in %v", x.ready.Sub(began).Round(time.Millisecond))
	x.deafen(rig.Hotline, began, x.ready)
}
