package survey

import (
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// silence is a Redis that takes everything and answers nothing; it counts what it gets.
func silence(t *testing.T) (addr string, got *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	got = new(atomic.Int64)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			got.Add(1)
			go func() {
				b := make([]byte, 1024)
				for {
					if _, err := c.Read(b); err != nil {
						return
					}
					got.Add(1)
				}
			}()
		}
	}()
	return l.Addr().String(), got
}

// TestASilentRedisIsLeftAlone: the first text that finds Redis silent waits for it, the
// others do not; after a while it is asked again.
func TestASilentRedisIsLeftAlone(t *testing.T) {
	addr, got := silence(t)
	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true, MaxRetries: -1})
	t.Cleanup(func() { client.Close() })
	c := newClock(opened)
	w, err := New(Config{Redis: client, Secret: secret, Now: c.Now, After: c.After, Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ask := func() error {
		_, err := w.Reply(t.Context(), Reply{TextID: "t", Phone: "13800000001", Text: "2", At: opened})
		return err
	}
	if err := ask(); err == nil {
		t.Fatal("a silent Redis judged")
	}
	before := got.Load()
	for range 5 {
		if err := ask(); !errors.Is(err, ErrCold) {
			t.Errorf("while it rests: %v", err)
		}
		if err := w.Open(t.Context(), window("s", opened)); !errors.Is(err, ErrCold) {
			t.Errorf("open while it rests: %v", err)
		}
	}
	if n := got.Load() - before; n != 0 {
		t.Errorf("asked %d times while it rests", n)
	}
	c.Set(opened.Add(rest))
	if err := ask(); err == nil || errors.Is(err, ErrCold) {
		t.Errorf("afterwards: %v", err)
	}
}
