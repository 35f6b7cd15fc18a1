package smstest

import (
	"net"
	"sync"
)

// slack is a connection whose writes do not wait for the peer to read, as those of a
// socket do not: on a bare pipe two peers that write at once would wait for ever.
type slack struct {
	net.Conn
	mu    sync.Mutex
	queue [][]byte
	more  chan struct{} // one slot
	gone  chan struct{}
	once  sync.Once
}

func newSlack(conn net.Conn) *slack {
	s := &slack{Conn: conn, more: make(chan struct{}, 1), gone: make(chan struct{})}
	go s.flush()
	return s
}

// Write queues the bytes.
func (s *slack) Write(b []byte) (int, error) {
	select {
	case <-s.gone:
		return 0, net.ErrClosed
	default:
	}
	s.mu.Lock()
	s.queue = append(s.queue, append([]byte(nil), b...))
	s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return len(b), nil
}

// flush writes what is queued, and after Close what is left, before the peer sees the
// end.
func (s *slack) flush() {
	defer func() { _ = s.Conn.Close() }()
	for over := false; !over; {
		select {
		case <-s.gone:
			over = true
		case <-s.more:
		}
		s.mu.Lock()
		queue := s.queue
		s.queue = nil
		s.mu.Unlock()
		for _, b := range queue {
			if _, err := s.Conn.Write(b); err != nil {
				s.end()
				return
			}
		}
	}
}

// Close ends the connection once what is queued was read, as a socket does.
func (s *slack) Close() error {
	s.end()
	return nil
}

func (s *slack) end() { s.once.Do(func() { close(s.gone) }) }
