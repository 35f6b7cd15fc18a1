package smstest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"hotline/sms"
)

// ErrRefused says that the hotline refused a delivery for good.
var ErrRefused = errors.New("delivery refused")

// delivery is one PDU on its way to the hotline.
type delivery struct {
	packet packet
	tries  int
	done   chan error  // buffered; what became of it
	told   func(error) // the same, for a receipt
}

// maxTries is how often a carrier offers one delivery.
const maxTries = 3

// Deliver sends a handset's text to the hotline's number (with extension), in as many
// segments as it needs, and returns when the hotline has acknowledged all of it. With
// nobody bound it waits, as a carrier does; it stays queued when ctx ends first. It
// returns [ErrRefused] when the hotline does not want it.
func (c *centre) Deliver(ctx context.Context, from, to, text string) error {
	c.mu.Lock()
	c.lastRef++
	ref := c.lastRef
	to = to[:max(0, len(to)-c.knobs.StripExt)]
	c.mu.Unlock()
	segments, err := sms.Split(text, ref)
	if err != nil {
		return fmt.Errorf("carrier: %w", err)
	}
	return c.DeliverSegments(ctx, from, to, segments)
}

// DeliverSegments is Deliver for data encoded by the caller, whatever it is.
func (c *centre) DeliverSegments(ctx context.Context, from, to string, segments []sms.Segment) error {
	var waits []*delivery
	for _, seg := range segments {
		waits = append(waits, c.enqueue(c.proto.deliver(segment{seg, c.newID(), from, to}), nil))
	}
	for _, d := range waits {
		select {
		case err := <-d.done:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return fmt.Errorf("carrier: delivering: %w", context.Cause(ctx))
		}
	}
	return nil
}

// SendReceipt queues a receipt for a submit by its id; state is DELIVRD if empty.
func (c *centre) SendReceipt(id, state string) error {
	r := receipt{id: c.newID(), state: state, done: c.opt.Clock.Now()}
	if state == "" {
		r.state = "DELIVRD"
	}
	c.mu.Lock()
	r.knobs = c.knobs
	for i := len(c.submits) - 1; i >= 0 && r.sub.ID == ""; i-- { // most are of late
		if c.submits[i].ID == id {
			r.sub = c.submits[i]
		}
	}
	c.mu.Unlock()
	if r.sub.ID == "" {
		return fmt.Errorf("carrier: no submit with id %s", id)
	}
	r.done = r.done.Add(r.knobs.Skew)
	r.sub.At = r.sub.At.Add(r.knobs.Skew)
	c.enqueue(c.proto.receipt(r), func(err error) { c.toldWord(Word{r.sub.ID, r.sub.To, r.state, err}) })
	return nil
}

// newID is an id nothing else has.
func (c *centre) newID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nextID()
}

// nextID is newID with the lock held.
func (c *centre) nextID() string {
	c.lastID++
	return c.proto.id(c.lastID, c.opt.Clock.Now().Add(c.knobs.Skew))
}

func (c *centre) enqueue(p packet, told func(error)) *delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := &delivery{packet: p, done: make(chan error, 1), told: told}
	c.queue = append(c.queue, d)
	if c.knobs.Twice {
		c.queue = append(c.queue, &delivery{packet: p, done: make(chan error, 1)})
	}
	c.wake()
	return d
}

// pump delivers the queue in order, as many at a time as the knobs say.
func (c *centre) pump(ctx context.Context) {
	var offers sync.WaitGroup
	defer offers.Wait()
	ready := func() bool {
		return len(c.queue) > 0 && c.flying < max(1, c.knobs.Deliveries) && c.receiver() != nil && !c.knobs.Silent
	}
	for {
		if c.wait(ctx, ready) != nil {
			return
		}
		c.mu.Lock()
		if !ready() {
			c.mu.Unlock()
			continue
		}
		o := offering{c.queue[0], c.receiver(), cmp.Or(c.knobs.RetryAfter, time.Minute), cmp.Or(c.knobs.Unanswered, time.Minute)}
		c.queue = c.queue[1:]
		c.flying++
		c.mu.Unlock()
		offers.Go(func() { c.land(ctx, o) })
	}
}

// land makes one offer. What is not over comes again before everything else.
func (c *centre) land(ctx context.Context, o offering) {
	over, err := c.offer(ctx, o)
	if over {
		o.done <- err
		if o.told != nil {
			o.told(err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flying--
	if over {
		c.landed++
	} else {
		c.queue = slices.Insert(c.queue, 0, o.delivery)
	}
	c.wake()
}

// offering is one try of one delivery on one link.
type offering struct {
	*delivery
	link  *session
	pause time.Duration // after a refusal
	late  time.Duration // without an answer
}

// offer tries once and reports whether the delivery is over. A try that ended because
// the link went away does not count.
func (c *centre) offer(ctx context.Context, o offering) (over bool, err error) {
	answer, err := o.link.request(o.packet)
	if err != nil {
		return false, nil
	}
	late, stop := c.timer(o.late)
	defer stop()
	select {
	case <-ctx.Done():
		return true, fmt.Errorf("carrier: %w", context.Cause(ctx))
	case <-o.link.gone:
		return false, nil
	case status := <-answer:
		if status == 0 {
			return true, nil
		}
		if o.tries++; !c.proto.comesAgain(status) || o.tries >= maxTries {
			return true, fmt.Errorf("%w: status 0x%02X", ErrRefused, status)
		}
		again, stop := c.timer(o.pause)
		defer stop()
		select {
		case <-again:
		case <-o.link.gone:
		case <-ctx.Done():
		}
		return false, nil
	case <-late:
		if o.tries++; o.tries >= maxTries {
			return true, fmt.Errorf("%w: never answered", ErrRefused)
		}
		return false, nil
	}
}

// timer closes a channel after some time, unless it is stopped before.
func (c *centre) timer(d time.Duration) (over <-chan struct{}, stop func() bool) {
	ch := make(chan struct{})
	return ch, c.opt.Clock.AfterFunc(d, func() { close(ch) })
}
