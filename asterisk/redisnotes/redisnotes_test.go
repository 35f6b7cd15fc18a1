package redisnotes_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/asterisk"
	"hotline/asterisk/redisnotes"
	"hotline/sms/survey/redistest"
)

// library is a book on a real Redis.
type library struct {
	*redisnotes.Book
	t     *testing.T
	redis *redistest.Server
	other *redisnotes.Book // another controller's, for reading
}

func newLibrary(t *testing.T) *library {
	l := &library{t: t, redis: redistest.Start(t)}
	open := func() *redisnotes.Book {
		c := redis.NewClient(&redis.Options{Addr: l.redis.Addr, MaxRetries: -1, DialTimeout: time.Second, ContextTimeoutEnabled: true})
		t.Cleanup(func() { c.Close() })
		return redisnotes.New(c, "test", nil)
	}
	l.Book, l.other = open(), open()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { l.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return l
}

// holds waits until the notes of app are these, as another controller reads them.
func (l *library) holds(app string, want map[string]int) {
	l.t.Helper()
	limit := time.Now().Add(time.Minute)
	for {
		got := map[string]int{}
		all, err := l.other.Read(l.t.Context(), func(a string) bool { return a == app })
		for _, n := range all[app] {
			got[n.Channel] = n.Seq
		}
		if err == nil && fmt.Sprint(got) == fmt.Sprint(want) {
			return
		}
		if time.Now().After(limit) {
			l.t.Fatalf("notes %v, %v; want %v", got, err, want)
		}
		runtime.Gosched()
	}
}

// writes writes a note until it is safe: a machine that stands still makes a caller go on
// without it.
func (l *library) writes(app string, n asterisk.Note) {
	l.t.Helper()
	for limit := time.Now().Add(time.Minute); ; runtime.Gosched() {
		err := l.Write(l.t.Context(), app, n)
		if err == nil {
			return
		}
		if !errors.Is(err, redisnotes.ErrAway) || time.Now().After(limit) {
			l.t.Fatal(err)
		}
	}
}

func TestNotesAreReadByAnother(t *testing.T) {
	l := newLibrary(t)
	for _, n := range []asterisk.Note{{Channel: "1", Seq: 1}, {Channel: "2", Seq: 1}, {Channel: "1", Seq: 2, Step: asterisk.StepTalking, State: []byte(`{"a":1}`)}} {
		l.writes("hotline-a-1", n)
	}
	l.writes("hotline-b-2", asterisk.Note{Channel: "3", Seq: 9})
	l.holds("hotline-a-1", map[string]int{"1": 2, "2": 1})
	l.holds("hotline-b-2", map[string]int{"3": 9})
	all, err := l.other.Read(t.Context(), func(string) bool { return true })
	if err != nil || len(all) != 2 {
		t.Fatalf("read %v, %v", all, err)
	}
	l.Erase("hotline-a-1", "1")
	l.holds("hotline-a-1", map[string]int{"2": 1})
}

// Many calls write at once; every one is told when its own note is safe.
func TestManyWriteAtOnce(t *testing.T) {
	l := newLibrary(t)
	want := map[string]int{}
	var writing sync.WaitGroup
	for i := range 300 {
		want[fmt.Sprint(i)] = 5
		writing.Go(func() {
			for seq := 1; seq <= 5; seq++ {
				if err := l.Write(t.Context(), "hotline-a-1", asterisk.Note{Channel: fmt.Sprint(i), Seq: seq}); err != nil && !errors.Is(err, redisnotes.ErrAway) {
					t.Error(err)
				}
			}
		})
	}
	writing.Wait()
	l.holds("hotline-a-1", want)
}

// While Redis is away nobody waits, and what was written meanwhile is there when it is
// back, even in a Redis that lost everything.
func TestRedisAway(t *testing.T) {
	l := newLibrary(t)
	l.writes("hotline-a-1", asterisk.Note{Channel: "1", Seq: 1})
	l.redis.Kill()
	for i := 2; ; i++ {
		began := time.Now()
		err := l.Write(t.Context(), "hotline-a-1", asterisk.Note{Channel: "1", Seq: i})
		if err != nil && time.Since(began) < 10*time.Millisecond {
			break // known to be away: refused at once
		}
		if i > 1000 {
			t.Fatalf("a dead Redis takes notes: %v", err)
		}
	}
	l.Write(t.Context(), "hotline-a-1", asterisk.Note{Channel: "2", Seq: 7})
	l.Write(t.Context(), "hotline-a-1", asterisk.Note{Channel: "1", Seq: 5000})
	l.redis.Restart()
	l.holds("hotline-a-1", map[string]int{"1": 5000, "2": 7})
}

// A Redis that was emptied is filled again by itself.
func TestRedisFlushed(t *testing.T) {
	l := newLibrary(t)
	l.writes("hotline-a-1", asterisk.Note{Channel: "1", Seq: 1})
	l.redis.FlushAll()
	l.holds("hotline-a-1", map[string]int{"1": 1})
}

// A Redis that can be read but not written, such as one that was left a replica of nobody,
// does not have calls that are over found again and again; and it forgets them in the end.
func TestRedisReadOnly(t *testing.T) {
	l := newLibrary(t)
	l.writes("hotline-a-1", asterisk.Note{Channel: "1", Seq: 1})
	admin := l.redis.Client()
	if err := admin.SlaveOf(t.Context(), "127.0.0.1", "1").Err(); err != nil {
		t.Fatal(err)
	}
	l.Erase("hotline-a-1", "1")
	for l.Write(t.Context(), "hotline-a-1", asterisk.Note{Channel: "2", Seq: 1}) == nil {
		// not refused yet
	}
	l.holds("hotline-a-1", map[string]int{"1": 1}) // as another reads them
	if all, err := l.Read(t.Context(), func(string) bool { return true }); err != nil || len(all) != 0 {
		t.Errorf("read %v, %v; want nothing", all, err)
	}
	if err := admin.SlaveOf(t.Context(), "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}
	l.holds("hotline-a-1", map[string]int{"2": 1})
}

func BenchmarkWrite(b *testing.B) {
	c := redistest.Start(b).Client()
	book := redisnotes.New(c, "bench", nil)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { book.Run(ctx) })
	defer func() { cancel(); running.Wait() }()
	n := asterisk.Note{Channel: "1795782265.0", State: []byte(`{"node":"menu","record":{"id":"01JD"}}`)}
	b.ReportAllocs()
	for b.Loop() {
		n.Seq++
		if err := book.Write(ctx, "hotline-a-1", n); err != nil {
			b.Fatal(err)
		}
	}
}
