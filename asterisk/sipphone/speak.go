package sipphone

import "time"

// burst is how many frames are sent at once after the machine was too busy to
// send them in time; what is older than that is dropped, as a phone would.
const burst = 5

// speak sends a frame every 20 ms, silence when there is nothing to say: a line
// that goes quiet is taken for dead.
func (m *media) speak() {
	ticker := time.NewTicker(FrameTime)
	defer ticker.Stop()
	start, sent := time.Now(), 0
	voice := voice{pcm: make([]int16, m.codec.samples()), payload: make([]byte, FrameBytes)}
	for {
		select {
		case <-m.done:
			return
		case <-ticker.C:
		}
		due := int(time.Since(start)/FrameTime) - sent
		if due > burst {
			sent += due - burst
			due = burst
		}
		for range due {
			m.sayFrame(&voice)
			sent++
		}
	}
}

// voice is the room a speaking goroutine works in.
type voice struct {
	pcm     []int16
	payload []byte
	buf     []byte
}

// sayFrame sends what this 20 ms holds: a key's event, or else speech.
func (m *media) sayFrame(v *voice) {
	m.mu.Lock()
	defer m.mu.Unlock()
	events := m.pad.step(m.out.stamp)
	for i, e := range events {
		if e.end && i == 0 {
			m.released = m.now()
		}
		m.send(v, packet{marker: e.first && !e.end, payload: m.keys[0], stamp: e.stamp, body: e.body()})
	}
	if events == nil {
		m.speech(v)
		m.send(v, packet{payload: codecs[m.codec].payload, stamp: m.out.stamp, body: v.payload})
	}
	m.out.stamp += FrameBytes
}

func (m *media) speech(v *voice) {
	if m.saying != nil {
		if m.saying.next(v.payload, v.pcm, m.code, m.codec.Rate()) {
			return
		}
		close(m.saying.done)
		m.saying = nil
	}
	clear(v.pcm)
	m.code.encode(v.payload, v.pcm)
}

// send writes one packet. A send that fails is a packet lost on the way, which
// is what RTP is made for.
func (m *media) send(v *voice, p packet) {
	m.out.seq++
	p.seq, p.source = m.out.seq, m.out.source
	v.buf = p.append(v.buf[:0])
	if _, err := m.conn.WriteToUDPAddrPort(v.buf, m.remote); err == nil {
		m.stats.Sent++
	}
}

// say replaces what is being said and returns a channel that is closed at its end.
func (m *media) say(s Sound) <-chan struct{} {
	p := newPlayer(s, m.codec)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.saying != nil {
		close(m.saying.done)
	}
	m.saying = p
	return p.done
}

// hush stops what is being said.
func (m *media) hush() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.saying != nil {
		close(m.saying.done)
		m.saying = nil
	}
}

// press queues keys and returns a channel that is closed when they are pressed.
func (m *media) press(keys string) (<-chan struct{}, error) {
	if err := checkKeys(keys); err != nil {
		return nil, err
	}
	if len(m.keys) == 0 || m.keys[0] == 0 {
		return nil, ErrNoKeys
	}
	done := make(chan struct{})
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pad.queue = append(m.pad.queue, pressing{keys: keys, done: done})
	return done, nil
}
