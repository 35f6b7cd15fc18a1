package asterisk

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// While the table of HTTP sessions is full what we have is used in turn: the second request
// goes over the first one's connection when that is free. Without any it fails.
func TestClientDoesWithoutNewConnections(t *testing.T) {
	s := newLine(t)
	c := s.client(time.Now)
	got := make(chan error, 1)
	go func() {
		_, err := ask(c, t.Context(), time.Minute)
		got <- err
	}()
	first := <-s.conns
	go func() {
		_, err := ask(c, t.Context(), time.Minute)
		got <- err
	}()
	(<-s.conns).Close()
	full, room := context.WithCancel(t.Context())
	var closing sync.WaitGroup
	closing.Go(func() {
		for {
			select {
			case conn := <-s.conns:
				conn.Close()
			case <-full.Done():
				return
			}
		}
	})
	hears(t, first, ok)
	hears(t, first, ok)
	for range 2 {
		if err := <-got; err != nil {
			t.Error(err)
		}
	}
	c.forget()
	if _, err := ask(c, t.Context(), time.Minute); !errors.Is(err, errFull) || !errors.Is(err, errUnanswered) {
		t.Errorf("error %v, want no room", err)
	}
	room()
	closing.Wait()
}
