package survey

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// silence is a Redis that takes everything and answers nothing.
func silence(t *testing.T) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			go io.Copy(io.Discard, c)
		}
	}()
	return l.Addr().String()
}

// asked counts what a client is asked to send.
type asked struct{ n atomic.Int64 }

func (a *asked) DialHook(next redis.DialHook) redis.DialHook { return next }

func (a *asked) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		a.n.Add(1)
		return next(ctx, cmd)
	}
}

func (a *asked) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		a.n.Add(1)
		return next(ctx, cmds)
	}
}

// TestASilentRedisIsLeftAlone: the first text that finds Redis silent waits for it, the
// others do not; after a while it is asked again.
func TestASilentRedisIsLeftAlone(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: silence(t), ContextTimeoutEnabled: true, MaxRetries: -1})
	got := &asked{}
	client.AddHook(got)
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
	before := got.n.Load()
	if before == 0 {
		t.Fatal("nobody was asked")
	}
	for range 5 {
		if err := ask(); !errors.Is(err, ErrCold) {
			t.Errorf("while it rests: %v", err)
		}
		if err := w.Open(t.Context(), window("s", opened)); !errors.Is(err, ErrCold) {
			t.Errorf("open while it rests: %v", err)
		}
	}
	if n := got.n.Load() - before; n != 0 {
		t.Errorf("asked %d times while it rests", n)
	}
	c.Set(opened.Add(rest))
	if err := ask(); err == nil || errors.Is(err, ErrCold) {
		t.Errorf("afterwards: %v", err)
	}
}
