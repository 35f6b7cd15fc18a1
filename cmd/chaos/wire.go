package main

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// condition is how a wire is at the moment. The zero value is in order.
type condition struct {
	Cut   bool          // connections are broken and none are taken
	Dead  bool          // what is sent is held back until the wire is mended, as TCP does over a dead link; UDP loses it
	Delay time.Duration // of everything sent, in each direction
}

// wire stands between two parts and passes on what they send, as its condition allows.
// Safe for concurrent use.
type wire struct {
	Name   string
	near   string // the address it listens on
	target string
	ctx    context.Context
	onWay  func(conn int, up bool, b []byte) // told of what passed; may be nil

	mu      sync.Mutex
	is      condition
	changed chan struct{} // closed when the condition changes
	conns   map[net.Conn]struct{}
	last    int
}

func newWire(ctx context.Context, name, target string) *wire {
	return &wire{Name: name, target: target, ctx: ctx, changed: make(chan struct{}), conns: map[net.Conn]struct{}{}}
}

// set changes the condition; a cut breaks what is connected.
func (w *wire) set(c condition) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.is = c
	close(w.changed)
	w.changed = make(chan struct{})
	if c.Cut {
		for c := range w.conns {
			c.Close()
		}
	}
}

func (w *wire) condition() (condition, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.is, w.changed
}

// hold waits as long as the condition asks a packet to; false when the wire is over.
func (w *wire) hold() bool {
	for {
		is, changed := w.condition()
		if is.Dead {
			select {
			case <-changed:
				continue
			case <-w.ctx.Done():
				return false
			}
		}
		if is.Delay == 0 {
			return true
		}
		late := time.NewTimer(is.Delay)
		defer late.Stop()
		select {
		case <-late.C:
			return true
		case <-changed: // mended while it was under way
			return true
		case <-w.ctx.Done():
			return false
		}
	}
}

// tcp listens and returns the address.
func (w *wire) tcp() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	context.AfterFunc(w.ctx, func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.serve(c)
		}
	}()
	return l.Addr().String(), nil
}

// keep adds a connection that a cut breaks; false while it is cut.
func (w *wire) keep(conns ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.is.Cut {
		return false
	}
	for _, c := range conns {
		w.conns[c] = struct{}{}
	}
	return true
}

func (w *wire) drop(conns ...net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range conns {
		delete(w.conns, c)
	}
}

func (w *wire) serve(near net.Conn) {
	defer near.Close()
	if !w.keep(near) {
		return
	}
	defer w.drop(near)
	var d net.Dialer
	if !w.hold() {
		return
	}
	far, err := d.DialContext(w.ctx, "tcp", w.target)
	if err != nil {
		return
	}
	defer far.Close()
	if !w.keep(far) {
		return
	}
	defer w.drop(far)
	defer context.AfterFunc(w.ctx, func() { near.Close(); far.Close() })()
	w.mu.Lock()
	w.last++
	id := w.last
	w.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { w.pump(id, true, near, far) })
	both.Go(func() { w.pump(id, false, far, near) })
	both.Wait()
	if w.onWay != nil {
		w.onWay(id, false, nil) // the end
	}
}

// pump passes on one direction; its end is the connection's.
func (w *wire) pump(id int, up bool, from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if !w.hold() {
				return
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
			if w.onWay != nil {
				w.onWay(id, up, buf[:n])
			}
		}
		if err != nil {
			return
		}
	}
}

// udp listens and returns the address; every sender has a socket of its own to the
// target, by which answers come back.
func (w *wire) udp() (string, error) {
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	context.AfterFunc(w.ctx, func() { l.Close() })
	go func() {
		paths := map[string]net.Conn{}
		buf := make([]byte, 64<<10)
		for {
			n, from, err := l.ReadFrom(buf)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				continue
			}
			path := paths[from.String()]
			if path == nil {
				if path, err = net.Dial("udp", w.target); err != nil {
					continue
				}
				context.AfterFunc(w.ctx, func() { path.Close() })
				paths[from.String()] = path
				go w.back(l, path, from)
			}
			w.packet(buf[:n], func(b []byte) { _, _ = path.Write(b) }) // lost, as UDP may be
		}
	}()
	return l.LocalAddr().String(), nil
}

// back passes answers on to who asked.
func (w *wire) back(l net.PacketConn, path net.Conn, to net.Addr) {
	buf := make([]byte, 64<<10)
	for {
		n, err := path.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // nobody listens there at the moment
			continue
		}
		w.packet(buf[:n], func(b []byte) { _, _ = l.WriteTo(b, to) })
	}
}

// packet sends a packet, late or not at all.
func (w *wire) packet(b []byte, send func([]byte)) {
	is, _ := w.condition()
	switch {
	case is.Cut || is.Dead:
	case is.Delay > 0:
		late := append([]byte(nil), b...)
		time.AfterFunc(is.Delay, func() { send(late) })
	default:
		send(b)
	}
}
