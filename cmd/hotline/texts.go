package main

import "context"

// mostEstates is how many dead controllers' texts may wait for a slow database. The claims of
// those beyond run out by themselves.
const mostEstates = 64

// ownerOf names a controller's process in its claims of texts. A node's name has no slash.
func ownerOf(node, incarnation string) string { return node + "/" + incarnation + "/" }

// leavesTexts notes that a process is dead that may have claimed texts. It waits for nothing:
// calls are to be taken over next.
func (a *app) leavesTexts(owner string) {
	select {
	case a.estates <- owner:
	default:
	}
}

// inheritTexts ends the claims of dead processes until ctx ends: first of those that had this
// controller's name, of which there can be only one.
func (a *app) inheritTexts(ctx context.Context) error {
	a.endClaims(ctx, a.set.Node+"/")
	for {
		select {
		case <-ctx.Done():
			return nil
		case owner := <-a.estates:
			a.endClaims(ctx, owner)
		}
	}
}

// endClaims ends the claims of processes that are dead, so that their texts need not wait
// for these to run out. Whether one was sent is not known: it is in doubt, waits for its
// receipt, and goes again, marked, when none comes. One that was only paused may still send
// what it has, and say so: nothing goes again before that.
func (a *app) endClaims(ctx context.Context, owner string) {
	n, err := a.store.Release(ctx, a.clock.Now(), owner, a.owner)
	switch {
	case err != nil && ctx.Err() == nil:
		a.log.Warn("texts of a dead controller wait for their claims to run out", "owner", owner, "err", err)
	case n > 0:
		a.log.Warn("texts of a dead controller taken over", "owner", owner, "texts", n)
		a.gateway.Wake()
	}
}
