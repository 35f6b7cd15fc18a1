package sipphone

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Stats counts one call's speech. Packets of keys count as sent and received too.
type Stats struct {
	Sent     int
	Received int
	Lost     int // sequence numbers that never came
	Late     int // came after a later one, or twice
	Stray    int // from somewhere else, or nothing we agreed on
	FirstAt  time.Time
	LastAt   time.Time
	MaxGap   time.Duration // longest silence between two packets
}

// media is one call's RTP: a socket, a goroutine that hears, one that speaks.
type media struct {
	conn *net.UDPConn
	now  func() time.Time
	log  *slog.Logger
	done chan struct{}
	stop sync.Once
	runs sync.WaitGroup

	codec Codec
	keys  []uint8 // payload types that carry keys; ours to send with is the first
	ear   *Ear
	onKey func(KeyHeard)

	mu     sync.Mutex
	remote netip.AddrPort
	stats  Stats
	heard  bool
	seq    uint16 // highest heard
	source uint32
	pad    keypad
	saying *player
	code   coder
	out    packet

	released time.Time // when the last key's end was first sent
}

// openMedia binds a socket on host. Nothing is heard or said before start.
func openMedia(host netip.Addr, cfg Config) (*media, error) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(host, 0)))
	if err != nil {
		return nil, fmt.Errorf("sipphone: open RTP: %w", err)
	}
	return &media{
		conn: conn, now: cfg.Now, log: cfg.Log, done: make(chan struct{}),
		out: packet{seq: uint16(rand.Uint32()), stamp: rand.Uint32(), source: rand.Uint32()},
	}, nil
}

func (m *media) addr() netip.AddrPort {
	return m.conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// agreed is what an offer and an answer came to.
type agreed struct {
	codec  Codec
	keys   []uint8
	remote netip.AddrPort
}

// start begins to hear and to speak.
func (m *media) start(a agreed, cfg Config) error {
	ear, err := newEar(a.codec, cfg)
	if err != nil {
		return err
	}
	m.ear, m.codec, m.keys, m.remote = ear, a.codec, a.keys, a.remote
	if m.code, err = newCoder(a.codec); err != nil {
		return err
	}
	m.runs.Go(m.listen)
	m.runs.Go(m.speak)
	return nil
}

// turn sends to another address from now on, as a re-INVITE may ask for.
func (m *media) turn(remote netip.AddrPort) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remote, m.heard = remote, false
}

// close ends both goroutines and waits for them.
func (m *media) close() {
	m.stop.Do(func() {
		close(m.done)
		_ = m.conn.Close() // it is only ever read by us
	})
	m.runs.Wait()
	if m.ear != nil {
		m.ear.close()
	}
}

func (m *media) listen() {
	buf := make([]byte, 2048)
	for {
		n, from, err := m.conn.ReadFromUDPAddrPort(buf)
		select {
		case <-m.done:
			return
		default:
		}
		if err != nil {
			continue // an ICMP error of an earlier send; the socket lives
		}
		m.take(buf[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()))
	}
}

// take sorts one datagram. It comes from where SDP said, or else, until anything
// has come from there, from whoever speaks our codec first (a far end behind NAT).
func (m *media) take(b []byte, from netip.AddrPort) {
	p, err := parsePacket(b)
	speech := err == nil && p.payload == codecs[m.codec].payload
	key := err == nil && !speech && m.carriesKeys(p.payload)
	m.mu.Lock()
	if (!speech && !key) || (from != m.remote && m.heard) {
		m.stats.Stray++
		m.mu.Unlock()
		return
	}
	m.remote = from
	lost := m.count(p)
	m.mu.Unlock()
	switch {
	case key:
		m.takeKey(p)
	case lost >= 0:
		m.ear.hear(p, lost)
	}
}

func (m *media) takeKey(p packet) {
	ev, ok := parseEvent(p)
	if !ok {
		return
	}
	if k, fresh := m.ear.hearKey(ev); fresh && m.onKey != nil {
		m.onKey(k)
	}
}

func (m *media) carriesKeys(payload uint8) bool {
	for _, k := range m.keys {
		if k != 0 && k == payload {
			return true
		}
	}
	return false
}

// count keeps the statistics and returns how many packets went missing before
// this one; -1 for one that comes too late to be heard.
func (m *media) count(p packet) (lost int) {
	now := m.now()
	s := &m.stats
	if s.Received == 0 {
		s.FirstAt = now
	} else {
		s.MaxGap = max(s.MaxGap, now.Sub(s.LastAt))
	}
	s.Received++
	s.LastAt = now
	defer func() { m.heard = true }()
	if !m.heard || p.source != m.source {
		m.seq, m.source = p.seq, p.source
		return 0
	}
	step := int(int16(p.seq - m.seq))
	if step <= 0 {
		s.Late++
		return -1
	}
	m.seq = p.seq
	s.Lost += step - 1
	return step - 1
}

func (m *media) read() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stats
}

func (m *media) lastKey() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.released
}
