package asterisk

import (
	"context"
	"strings"
)

// await is the call's next event, or why there is none: errTimeUp when the alarm rang,
// the cause when ctx or the call ended. Keys are kept as type-ahead on the way.
func (c *Call) await(ctx context.Context, a *alarm) (*event, error) {
	for {
		if e := c.next(); e != nil {
			return e, nil
		}
		c.stopped()
		select {
		case <-c.box.wake:
		case <-ctx.Done():
			return nil, c.over(ctx)
		case <-c.ctx.Done():
			return nil, context.Cause(c.ctx)
		case <-a.ring():
			return nil, errTimeUp
		}
	}
}

// settle is await for what comes after the end: it minds only the alarm.
func (c *Call) settle(a *alarm) *event {
	for {
		if e := c.next(); e != nil {
			return e
		}
		select {
		case <-c.box.wake:
		case <-a.ring():
			return nil
		}
	}
}

// next takes an event out of the mailbox without waiting.
func (c *Call) next() *event {
	for {
		e := c.box.take()
		if e == nil {
			return nil
		}
		if e.Type == guardFired {
			c.keys = nil // typed before the guarded key, meant for what it interrupted
			continue
		}
		if key := e.key(); key != 0 {
			if c.belated(key) {
				continue
			}
			c.keys = append(c.keys, key)
		}
		return e
	}
}

// belated reports whether key finishes the input before, which had all its digits
// already: callers press # after a code because they are told to, and it must neither
// stop the next prompt nor count as its answer.
func (c *Call) belated(key byte) bool {
	finish := c.late
	c.late = ""
	return strings.IndexByte(finish, key) >= 0
}

// drain throws away what nobody waits for any more, except keys.
func (c *Call) drain() {
	for c.next() != nil {
	}
}
