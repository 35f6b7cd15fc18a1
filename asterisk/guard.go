package asterisk

import (
	"bytes"
	"context"
)

// reguard ends an entry. A guarded key that came while it looked open and that it did
// not use is data no longer.
func (c *Call) reguard() {
	c.box.begin(entry{})
	c.drain()
	for i, key := range c.keys {
		if c.box.fire(key) {
			c.keys = c.keys[i+1:]
			return
		}
	}
}

// Guard derives from ctx a context that is cancelled with *KeyPressed as cause the
// moment key is pressed, whatever is going on; it fires once. Keys typed before the
// guarded key are forgotten, those after it stay as type-ahead ("9" then "2"). While a
// Gather of several digits has got one already, key is data and does not fire. A key
// that came before the guard was armed and is not used yet fires it at once. The
// CancelFunc disarms it.
func (c *Call) Guard(ctx context.Context, key byte) (context.Context, context.CancelFunc) {
	guarded, cancel := context.WithCancelCause(ctx)
	g := &guard{key: key, cancel: cancel}
	c.box.arm(g)
	c.drain()
	if i := bytes.IndexByte(c.keys, key); i >= 0 {
		c.keys = c.keys[i+1:]
		c.box.release(g)
		cancel(&KeyPressed{Key: key})
	}
	return guarded, func() {
		c.box.release(g)
		cancel(context.Canceled)
	}
}
