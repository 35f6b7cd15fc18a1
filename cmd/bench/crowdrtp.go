package main

import (
	"context"
	"encoding/binary"
	"net"
	"time"

	"golang.org/x/net/ipv4"

	"hotline/asterisk/sipphone"
)

// frameStart is the beginning of a frame of speech. The rig's prompts are noise, so it
// tells which prompt the frame is of.
type frameStart [8]byte

// The crowd's speech.
const (
	keyHold    = 2                      // pressed to be held
	rtpHeader  = 12                     // bytes before the speech
	listenTick = 5 * time.Millisecond   // packets are fetched this often, all that came
	breathTick = 20 * time.Second       // a caller silent for 60 s is hung up
	keyTime    = 100 * time.Millisecond // a key is held
	atOnce     = 256                    // packets fetched by one system call
)

// hearing notes for every listener which prompt is heard. Fetching packets in heaps
// makes a thousand listeners cheap, and what is noted up to listenTick late.
func (c *crowd) hearing() {
	conn := ipv4.NewPacketConn(c.rtp)
	heap := make([]ipv4.Message, atOnce)
	for i := range heap {
		heap[i].Buffers = [][]byte{make([]byte, 512)}
	}
	for {
		n, err := conn.ReadBatch(heap, 0)
		if err != nil {
			return // the socket is closed
		}
		c.hear(heap[:n], time.Now())
		if n == atOnce {
			continue
		}
		select {
		case <-time.After(listenTick):
		case <-c.closed:
			return
		}
	}
}

// hear takes the packets that came by now.
func (c *crowd) hear(heap []ipv4.Message, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range heap {
		b := m.Buffers[0][:m.N]
		from, ok := m.Addr.(*net.UDPAddr)
		if !ok || len(b) < rtpHeader+len(frameStart{}) {
			continue
		}
		l := c.byPort[from.Port]
		id := c.prompt[frameStart(b[rtpHeader:])]
		if l == nil || id == "" {
			continue
		}
		l.last = now
		if l.hears == id {
			continue
		}
		l.hears = id
		select {
		case l.changed <- change{To: id, At: now}:
		default: // nobody has listened for long
		}
	}
}

// breathing lets everybody be heard now and then, lest Asterisk takes them for gone.
func (c *crowd) breathing() {
	tick := time.NewTicker(breathTick)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-c.closed:
			return
		}
		c.mu.Lock()
		for _, l := range c.byID {
			if l.speech.IsValid() && !l.over {
				c.breathe(l)
			}
		}
		c.mu.Unlock()
	}
}

// breathe sends a frame of silence.
func (c *crowd) breathe(l *listener) {
	silence := make([]byte, sipphone.FrameBytes)
	for i := range silence {
		silence[i] = 0xd5
	}
	c.send(l, 8, sipphone.FrameBytes, silence)
}

// press presses a key (RFC 4733): its beginning and, thrice, its end.
func (c *crowd) press(ctx context.Context, l *listener, key byte) {
	c.send(l, keyPayload|0x80, 0, []byte{key, 10, 0, sipphone.FrameBytes})
	select {
	case <-time.After(keyTime):
	case <-ctx.Done():
	}
	end := binary.BigEndian.AppendUint16([]byte{key, 10 | 0x80}, uint16(keyTime/sipphone.FrameTime)*sipphone.FrameBytes)
	for range 3 {
		c.send(l, keyPayload, 0, end)
	}
}

// send sends one packet. One that is lost is no worse than on any line.
func (c *crowd) send(l *listener, payload byte, stamp uint32, body []byte) {
	b := make([]byte, 0, rtpHeader+len(body))
	b = append(b, 0x80, payload)
	b = binary.BigEndian.AppendUint16(b, uint16(l.seq.Add(1)))
	b = binary.BigEndian.AppendUint32(b, stamp)
	b = binary.BigEndian.AppendUint32(b, l.source)
	_, _ = c.rtp.WriteToUDPAddrPort(append(b, body...), l.speech)
}
