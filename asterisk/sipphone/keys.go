package sipphone

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Keys are sent and heard as telephone events (RFC 4733). A comma in a string of
// keys is a pause.
const (
	keySigns  = "0123456789*#ABCD"
	keyFrames = 5  // a key lasts 100 ms
	keyGap    = 4  // 80 ms between two keys
	keyPause  = 25 // a comma waits 500 ms
	keyEnds   = 3  // the end is said three times, since it may get lost
)

// ErrNoKeys tells that the far end did not agree to telephone events.
var ErrNoKeys = errors.New("sipphone: the far end takes no telephone events")

// KeyHeard is one key the far end pressed.
type KeyHeard struct {
	Key   byte
	At    time.Time
	Stamp uint32        // RTP timestamp: when the far end pressed it
	For   time.Duration // as the far end says; 0 while it is still pressed
}

// pressing is one Press on its way: its keys, then the end of its gap.
type pressing struct {
	keys string
	done chan struct{}
}

// keypad turns keys into events, one step every 20 ms.
type keypad struct {
	queue []pressing
	tick  int // within the first key of the first entry
	start uint32
}

// checkKeys refuses what is not on a keypad.
func checkKeys(keys string) error {
	for _, k := range keys {
		if k != ',' && !strings.ContainsRune(keySigns, k) {
			return fmt.Errorf("sipphone: %q is not a key", k)
		}
	}
	return nil
}

// step moves on by one frame. Events to send take the place of speech; none
// means that this frame is speech's.
func (k *keypad) step(stamp uint32) (events []event) {
	if len(k.queue) == 0 {
		return nil
	}
	p := &k.queue[0]
	if p.keys == "" {
		close(p.done)
		k.queue = k.queue[1:]
		return k.step(stamp)
	}
	k.tick++
	length := keyFrames + keyGap
	if p.keys[0] == ',' {
		length = keyPause
	} else if k.tick <= keyFrames {
		events = k.events(p.keys[0], stamp)
	}
	if k.tick >= length {
		k.tick, p.keys = 0, p.keys[1:]
	}
	return events
}

// events are the packets for this frame of a key: one, or the end three times.
func (k *keypad) events(key byte, stamp uint32) []event {
	if k.tick == 1 {
		k.start = stamp
	}
	e := event{
		code: uint8(strings.IndexByte(keySigns, key)), first: k.tick == 1,
		duration: uint16(k.tick * FrameBytes), stamp: k.start,
	}
	if k.tick < keyFrames {
		return []event{e}
	}
	e.end = true
	ends := make([]event, keyEnds)
	for i := range ends {
		ends[i] = e
	}
	return ends
}

// event is the body of a telephone-event packet.
type event struct {
	code     uint8
	end      bool
	first    bool // carries the marker
	duration uint16
	stamp    uint32 // the packet's timestamp: when the key went down
}

func (e event) body() []byte {
	b := []byte{e.code, 10, 0, 0} // volume -10 dBm0
	if e.end {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], e.duration)
	return b
}

// parseEvent reads the body of a telephone-event packet; events that are not keys
// (flash, fax tones) are refused.
func parseEvent(p packet) (event, bool) {
	if len(p.body) < 4 || int(p.body[0]) >= len(keySigns) {
		return event{}, false
	}
	return event{
		code: p.body[0], end: p.body[1]&0x80 != 0, first: p.marker,
		duration: binary.BigEndian.Uint16(p.body[2:]), stamp: p.stamp,
	}, true
}

// keyLog joins the packets of each key. One key is one RTP timestamp.
type keyLog struct {
	heard []KeyHeard
	stamp uint32
}

// maxKeys bounds the log of a call that is flooded with keys.
const maxKeys = 10000

// add notes an event and reports whether it was a key not heard before.
func (l *keyLog) add(e event, at time.Time) bool {
	n := len(l.heard)
	fresh := n == 0 || e.stamp != l.stamp
	if fresh {
		if n >= maxKeys {
			return false
		}
		l.heard = append(l.heard, KeyHeard{Key: keySigns[e.code], At: at, Stamp: e.stamp})
		l.stamp, n = e.stamp, n+1
	}
	if e.end {
		l.heard[n-1].For = time.Duration(e.duration) * time.Second / 8000
	}
	return fresh
}
