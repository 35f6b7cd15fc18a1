package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"hotline/cmd/rig"
)

// Settings of a fuzz run, from the environment.
const (
	fuzzTimeVariable = "HOTLINE_SIPFUZZ"      // how long, 10s unless said
	fuzzSeedVariable = "HOTLINE_SIPFUZZ_SEED" // whose messages to send again
)

// TestFuzzedSIP sends thousands of malformed messages by UDP and TCP at a hotline in which
// somebody talks: both processes live on, the talk goes on, a call works afterwards, and
// nothing is left.
func TestFuzzedSIP(t *testing.T) {
	limit, seed := 10*time.Second, rand.Uint64()
	var err error
	long := os.Getenv(fuzzTimeVariable)
	if long != "" {
		if limit, err = time.ParseDuration(long); err != nil {
			t.Fatalf("%s: %v", fuzzTimeVariable, err)
		}
	}
	if s := os.Getenv(fuzzSeedVariable); s != "" {
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("%s: %v", fuzzSeedVariable, err)
		}
	}
	t.Logf("%s=%d sends the same again", fuzzSeedVariable, seed)
	c := newCalm(t, testRig(t))
	ctx, cancel := context.WithTimeout(t.Context(), limit+testLimit)
	defer cancel()
	c.ctx = ctx
	first := talk{to: "8001", far: 620, near: 440}
	s := c.talks(citizenNumber, first)
	c.must(c.pelt(newSIPFuzz(^seed, rig.Local(c.rig.Ports.SIP)), time.Second)) // whatever is made once is made
	before := c.now(1)

	f := newSIPFuzz(seed, rig.Local(c.rig.Ports.SIP))
	f.bold = long != ""
	c.must(c.pelt(f, limit))
	c.stillTalks(s, first)
	c.emergencyWorks()
	hangUp(s)
	before.channels, before.live = 0, 0
	c.settles(before, 90)
	noNumbers(t, c.rig, c.world)
}

// pelt sends messages for some time: most as they are, some in fragments by TCP. What it
// sends depends on nothing but the seed; how much, on the machine.
func (c *calm) pelt(f *sipFuzz, limit time.Duration) error {
	udp, err := net.Dial("udp", f.target)
	if err != nil {
		return err
	}
	defer udp.Close()
	pace := time.NewTicker(500 * time.Microsecond)
	defer pace.Stop()
	streams, over := 0, time.Now().Add(limit)
	for time.Now().Before(over) {
		if f.n%20 == 19 {
			streams++
			if err := f.stream(); err != nil {
				return err
			}
		} else if _, err := udp.Write(f.next()); err != nil {
			return fmt.Errorf("message %d: %w", f.n, err)
		}
		select {
		case <-pace.C:
		case <-c.ctx.Done():
			return context.Cause(c.ctx)
		}
	}
	c.says("%d messages, %d of them in pieces by TCP", f.n, streams)
	return nil
}

// stream sends a message by TCP in pieces, with another on its heels, and leaves. That Asterisk closes the connection is its right.
func (f *sipFuzz) stream() error {
	conn, err := net.DialTimeout("tcp", f.target, 5*time.Second)
	if err != nil {
		return fmt.Errorf("message %d: %w", f.n, err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return err
	}
	m := append(f.forStream(f.next), f.forStream(f.message)...)
	for len(m) > 0 {
		n := 1 + f.IntN(len(m))
		if _, err := conn.Write(m[:n]); err != nil {
			return nil
		}
		m = m[n:]
	}
	return nil
}
