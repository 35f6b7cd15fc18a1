package smstest

import "slices"

// Tune changes how it behaves from now on.
func (c *centre) Tune(change func(*Knobs)) {
	c.mu.Lock()
	before := c.knobs.Outage
	change(&c.knobs)
	out := c.knobs.Outage
	began := out > 0 && out != before
	if began {
		c.outages++
		nth := c.outages
		c.opt.Clock.AfterFunc(out, func() { c.outageOver(nth) })
	}
	c.wake()
	c.mu.Unlock()
	if began {
		c.Disconnect()
	}
}

// outageOver ends the n-th outage, unless another has begun.
func (c *centre) outageOver(nth int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.outages == nth {
		c.knobs.Outage = 0
		c.wake()
	}
}

// Knobs are how it behaves now.
func (c *centre) Knobs() Knobs {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.knobs
}

// Word is a receipt that was brought to the hotline.
type Word struct {
	ID    string // of the submit
	To    string // the handset
	State string // DELIVRD ...
	Err   error  // why the hotline has not taken it
}

// OnWord has f told of every receipt once the hotline has taken or refused it. f must not
// block.
func (c *centre) OnWord(f func(Word)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onWord = append(c.onWord, f)
}

// toldWord passes on what became of a receipt.
func (c *centre) toldWord(w Word) {
	c.mu.Lock()
	listeners := slices.Clone(c.onWord)
	c.mu.Unlock()
	for _, f := range listeners {
		f(w)
	}
}
