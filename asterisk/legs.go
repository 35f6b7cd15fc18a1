package asterisk

import "context"

// keep makes sure that the leg does not outlive this call.
func (c *Call) keep(leg *Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.legs[leg] = struct{}{}
}

func (c *Call) release(leg *Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.legs, leg)
}

// dropLegs hangs up the legs that are left when the handler has returned.
func (c *Call) dropLegs() {
	c.mu.Lock()
	legs := c.legs
	c.legs = map[*Call]struct{}{}
	c.mu.Unlock()
	for leg := range legs {
		leg.drop(c.ctx)
	}
}

// drop hangs up a leg, or one that may not exist yet, and forgets it.
func (c *Call) drop(ctx context.Context) {
	if err := c.Hangup(detached(ctx), "normal"); err != nil {
		c.sw.cfg.Log.Warn("leg not hung up, trying again", "leg", c.id, "err", err)
		c.sw.aside.run(func() { c.sw.hangUpSurely(c) }) // the caller is not kept waiting for it
	}
	c.sw.calls.remove(route{'c', c.id})
}
