package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"hotline/cmd/gauge"
)

// takeover is what callers notice of a controller that is killed and started anew.
type takeover struct {
	Callers int             // held when it was killed
	Left    int             // on whom Asterisk hung up
	Deaf    int             // who heard of nobody within patience
	Down    time.Duration   // from the kill to the new process
	Ready   time.Duration   // from the new process to its saying that it is
	Heard   []time.Duration // from the new process to what each caller heard first of it
}

// takeoverPatience is how long callers wait for the new process.
const takeoverPatience = 60 * time.Second

// takeover kills Hotline while it holds callers, starts it anew and listens for what each
// of them hears next: the prompt that holds them goes on by itself in Asterisk, and
// whatever follows it is a controller's doing.
func (r *rig) takeover(ctx context.Context, o options, progress io.Writer) (*takeover, error) {
	c := contenders[slices.IndexFunc(contenders, func(c contender) bool { return c.Name == nameHotline })]
	callers, err := r.gather()
	if err != nil {
		return nil, err
	}
	defer callers.close()
	callers.hold(ctx, c.Number, o.HeldRate, o.Takeover)
	all := callers.present()
	t := &takeover{Callers: len(all)}
	waiting, cancel := context.WithTimeout(ctx, takeoverPatience)
	defer cancel()
	var mu sync.Mutex
	var heard []time.Time
	var listening sync.WaitGroup
	for _, l := range all {
		listening.Go(func() {
			at, err := l.hear(waiting, "")
			mu.Lock()
			defer mu.Unlock()
			switch err {
			case nil:
				heard = append(heard, at)
			case errLeft:
				t.Left++
			default:
				t.Deaf++
			}
		})
	}
	killed := time.Now()
	r.roles[c.Role].kill()
	if err := r.startRole(ctx, c); err != nil {
		return nil, err
	}
	began := r.roles[c.Role].began
	t.Down, t.Ready = began.Sub(killed), time.Since(began)
	listening.Wait()
	for _, at := range heard {
		t.Heard = append(t.Heard, at.Sub(began))
	}
	fmt.Fprintln(progress, t)
	callers.disperse(ctx)
	return t, r.calm(ctx, progress)
}

// String is the takeover in one line.
func (t *takeover) String() string {
	return fmt.Sprintf("taken over: %d of %d callers, first after %s, half after %s, last after %s; ready after %s; %d hung up on, %d heard nothing",
		len(t.Heard), t.Callers, gauge.Millis(gauge.Percentile(t.Heard, 0)), gauge.Millis(gauge.Percentile(t.Heard, 50)), gauge.Millis(gauge.Percentile(t.Heard, 100)),
		gauge.Millis(t.Ready), t.Left, t.Deaf)
}
