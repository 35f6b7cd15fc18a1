package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	random "math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

// crowd is many callers who only listen, on one socket for SIP and one for speech, so
// that a thousand of them leave the machine to those who are measured. Each presses one
// key and from then on says next to nothing. It is safe for concurrent use.
type crowd struct {
	server netip.AddrPort // Asterisk
	sip    *net.UDPConn
	rtp    *net.UDPConn
	prompt map[frameStart]string
	nth    func() int // numbers callers
	runs   sync.WaitGroup
	closed chan struct{}

	patience time.Duration // for what Asterisk and a controller have to do

	mu     sync.Mutex
	byID   map[string]*listener
	byPort [1 << 16]*listener // by the port Asterisk speaks from
}

// listener is one of the crowd.
type listener struct {
	id, from, tag string
	dialog        string         // the far end's To, from the answer on
	contact       string         // and where it takes requests
	speech        netip.AddrPort // where Asterisk hears them
	answers       chan *sip.Response
	ended         chan struct{} // closed when Asterisk hung up
	over          bool

	source  uint32 // of what they send
	seq     atomic.Uint32
	hears   string    // the prompt
	last    time.Time // its latest frame
	changed chan change
}

// change is a listener's hearing another prompt.
type change struct {
	To string
	At time.Time
}

// again is how long a request waits for an answer before it is sent once more.
const again = 500 * time.Millisecond

// errLeft is why a listener hears nothing any more.
var errLeft = errors.New("asterisk hung up")

// gather opens a crowd without anybody in it. Close it.
func (r *rig) gather() (*crowd, error) {
	addr, err := netip.ParseAddrPort(r.sip)
	if err != nil {
		return nil, err
	}
	c := &crowd{server: addr, prompt: r.frames, nth: r.nth, patience: r.patience, closed: make(chan struct{}), byID: map[string]*listener{}}
	for _, conn := range []**net.UDPConn{&c.sip, &c.rtp} {
		if *conn, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
			c.close()
			return nil, err
		}
		_ = (*conn).SetReadBuffer(4 << 20) // what the system allows of it
	}
	c.runs.Go(c.signalling)
	c.runs.Go(c.hearing)
	c.runs.Go(c.breathing)
	return c, nil
}

// close frees the sockets; who is still calling is not hung up.
func (c *crowd) close() {
	close(c.closed)
	for _, conn := range []*net.UDPConn{c.sip, c.rtp} {
		if conn != nil {
			conn.Close()
		}
	}
	c.runs.Wait()
}

// hold lets so many more join and counts those who could not.
func (c *crowd) hold(ctx context.Context, number string, rate, more int) (failed int) {
	var mu sync.Mutex
	offer(ctx, rate, more, func(int) {
		if _, err := c.join(ctx, number, callerNumber(c.nth())); err != nil {
			mu.Lock()
			defer mu.Unlock()
			failed++
		}
	})
	return failed
}

// join calls a number, presses 2 when the welcome is heard, and returns once the caller
// hears what they are held by.
func (c *crowd) join(ctx context.Context, number, from string) (*listener, error) {
	l := &listener{id: rand.Text(), from: from, tag: rand.Text()[:8], source: random.Uint32(), answers: make(chan *sip.Response, 8),
		ended: make(chan struct{}), changed: make(chan change, 8)}
	c.mu.Lock()
	c.byID[l.id] = l
	c.mu.Unlock()
	ctx, cancel := context.WithTimeoutCause(ctx, c.patience, fmt.Errorf("not held within %s", c.patience))
	defer cancel()
	if err := c.settle(ctx, l, number); err != nil {
		c.leave(context.WithoutCancel(ctx), l)
		return nil, err
	}
	return l, nil
}

// settle is a listener's way from INVITE to being held.
func (c *crowd) settle(ctx context.Context, l *listener, number string) error {
	res, err := c.ask(ctx, l, c.invite(l, number))
	if err != nil {
		return err
	}
	if !res.IsSuccess() {
		return fmt.Errorf("answered %d %s", res.StatusCode, res.Reason)
	}
	speech, err := speechOf(res.Body(), c.server.Addr())
	if err != nil {
		return err
	}
	c.mu.Lock()
	l.speech, c.byPort[speech.Port()] = speech, l
	c.mu.Unlock()
	c.breathe(l)
	if _, err := l.hear(ctx, promptOne); err != nil {
		return err
	}
	c.press(ctx, l, keyHold)
	_, err = l.hear(ctx, promptHeld)
	return err
}

// hear waits until a prompt begins; without an id, any other than now.
func (l *listener) hear(ctx context.Context, id string) (time.Time, error) {
	for {
		select {
		case ch := <-l.changed:
			if id == "" || ch.To == id {
				return ch.At, nil
			}
		case <-l.ended:
			return time.Time{}, errLeft
		case <-ctx.Done():
			return time.Time{}, context.Cause(ctx)
		}
	}
}

// leave hangs up, if Asterisk did not.
func (c *crowd) leave(ctx context.Context, l *listener) {
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.dialog != "" && !l.over {
		bye := c.bye(l)
		c.mu.Unlock()
		_, _ = c.ask(ctx, l, bye) // Asterisk notices the silence in the end
		c.mu.Lock()
	}
	delete(c.byID, l.id)
	if c.byPort[l.speech.Port()] == l {
		c.byPort[l.speech.Port()] = nil
	}
}

// disperse lets everybody hang up, a hundred a second.
func (c *crowd) disperse(ctx context.Context) {
	all := c.present()
	offer(ctx, 100, len(all), func(n int) { c.leave(ctx, all[n]) })
}

// present lists who calls.
func (c *crowd) present() []*listener {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.byID))
}

// attending counts who goes on hearing what holds them, and who was hung up on. Of the others
// it waits for patience.
func (c *crowd) attending() (hearing, left int) {
	began := time.Now()
	for {
		var all int
		if all, hearing, left = c.since(began); hearing+left == all || time.Since(began) > c.patience {
			return hearing, left
		}
		<-time.After(listenTick)
	}
}

// since counts everybody, who heard a frame of what holds them since then, and who was hung
// up on.
func (c *crowd) since(then time.Time) (all, hearing, left int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.byID {
		switch {
		case l.over:
			left++
		case l.hears == promptHeld && l.last.After(then):
			hearing++
		}
	}
	return len(c.byID), hearing, left
}
