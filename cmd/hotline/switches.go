package main

import (
	"context"
	"sync"

	"hotline/asterisk"
	"hotline/dispatch/console"
)

// partSwitch begins the name of one Asterisk of several on the status page.
const partSwitch = "Asterisk "

// switchParts is whether calls can be controlled, and where there are several Asterisks
// each of them: the hotline is ready while one is there.
func (a *app) switchParts() []console.Part {
	whole := console.Part{Name: "Asterisk", Up: a.tower.Connected()}
	if !whole.Up {
		whole.Detail = "not connected; calls are answered by the dialplan"
	}
	parts := []console.Part{whole}
	members := a.tower.List()
	if len(members) < 2 {
		return parts
	}
	for _, m := range members {
		p := console.Part{Name: partSwitch + m.Name, Up: here(m)}
		if m.State != asterisk.Up {
			p.Detail = string(m.State)
		}
		parts = append(parts, p)
	}
	return parts
}

// here reports whether events of an Asterisk arrive.
func here(m asterisk.Member) bool { return m.State == asterisk.Up || m.State == asterisk.Draining }

// reachable asks every Asterisk which trunks answer: one is up that any of them
// reaches, and none are while all are away. All are asked at once, so that an Asterisk
// that hangs makes no trunk of another look down.
func (a *app) reachable(ctx context.Context) map[string]bool {
	var mu sync.Mutex
	var asked sync.WaitGroup
	states := map[string]bool{}
	for _, t := range a.set.outside.trunks {
		asked.Go(func() {
			reached := a.tower.Reachable(ctx, t.Name)
			mu.Lock()
			defer mu.Unlock()
			states[t.Name] = false
			for _, up := range reached {
				states[t.Name] = states[t.Name] || up
			}
		})
	}
	asked.Wait()
	return states
}
