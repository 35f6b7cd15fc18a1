package survey

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"hotline/sms/survey/redistest"
)

// slotOf is the slot of a key as the cluster specification has it: CRC16 (XMODEM) of
// what is between the first { and the } behind it, modulo 16384.
func slotOf(key string) int {
	if _, rest, ok := strings.Cut(key, "{"); ok {
		if tag, _, ok := strings.Cut(rest, "}"); ok && tag != "" {
			key = tag
		}
	}
	crc := 0
	for _, c := range []byte(key) {
		crc ^= int(c) << 8
		for range 8 {
			if crc <<= 1; crc&0x10000 != 0 {
				crc ^= 0x11021
			}
		}
	}
	return crc & 0xFFFF % 16384
}

// keysOf are the keys of the scripts that were run, one list a run; other commands of
// several keys count too. A command it does not know fails the test.
type keysOf struct {
	t    *testing.T
	mu   sync.Mutex
	runs [][]string
	seen map[string]int
}

func (k *keysOf) DialHook(next redis.DialHook) redis.DialHook { return next }

func (k *keysOf) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		k.note(cmd)
		return next(ctx, cmd)
	}
}

func (k *keysOf) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			k.note(cmd)
		}
		return next(ctx, cmds)
	}
}

func (k *keysOf) note(cmd redis.Cmder) {
	k.mu.Lock()
	defer k.mu.Unlock()
	args := cmd.Args()
	name := strings.ToLower(fmt.Sprint(args[0]))
	k.seen[name]++
	switch name {
	case "eval", "evalsha":
		var keys []string
		for _, key := range args[3 : 3+args[2].(int)] {
			keys = append(keys, key.(string))
		}
		k.runs = append(k.runs, keys)
	case "exists", "del":
		var keys []string
		for _, key := range args[1:] {
			keys = append(keys, key.(string))
		}
		k.runs = append(k.runs, keys)
	case "hello", "client", "command", "cluster", "readonly",
		"set", "pexpire", "zrange", "zrangebyscore", "zscan", "xlen", "xreadgroup", "xautoclaim", "xclaim", "hmget", "hgetall": // of one key
	default:
		k.t.Errorf("%v: does it work on a cluster?", args)
	}
}

// story plays everything that windows do, and says how many surveys ended how.
func story(t *testing.T, b bench, second *Windows) map[string]int {
	t.Helper()
	rec := newRecord()
	const surveys = 60
	for n := range surveys {
		win := window(fmt.Sprintf("s%02d", n), opened)
		win.Phone = fmt.Sprintf("138%08d", n/2) // two of each phone
		rec.windows = append(rec.windows, win)
		b.open(t, win, win)
	}
	for n := range surveys / 4 {
		rec.rate(t.Context(), b.reply(t, Reply{TextID: fmt.Sprint("a", n), Phone: rec.windows[2*n].Phone, Text: "1", At: opened.Add(time.Hour)}))
		b.reply(t, Reply{TextID: fmt.Sprint("b", n), Phone: rec.windows[2*n].Phone, Text: "1 2", At: opened.Add(time.Hour)})
	}
	b.walkAll(t, rec)
	rec.unread = map[string]bool{"s59": true}
	b.clock.Set(opened.Add(25 * time.Hour))
	var stepping sync.WaitGroup
	for _, w := range []*Windows{b.Windows, second} {
		stepping.Go(func() {
			if _, err := w.Step(t.Context(), rec, rec); err != nil {
				t.Error(err)
			}
		})
	}
	stepping.Wait()
	rec.unread = nil
	b.step(t, rec)
	ended := map[string]int{}
	for _, s := range rec.settled {
		ended[s.Outcome]++
	}
	return ended
}

var storyEnds = map[string]int{OutcomeRated: 15, OutcomeInvalid: 15, OutcomeUnrated: 30}

// TestEveryScriptStaysInOneSlot computes the slot of every key of every script.
func TestEveryScriptStaysInOneSlot(t *testing.T) {
	for key, want := range map[string]int{"123456789": 0x31C3, "foo": 12182, "{foo}bar": 12182, "foo{}{bar}": 8363} {
		if got := slotOf(key); got != want {
			t.Fatalf("slot of %s: %d, want %d", key, got, want)
		}
	}
	server := redistest.Start(t)
	client := server.Client()
	k := &keysOf{t: t, seen: map[string]int{}}
	client.AddHook(k)
	b := on(t, client)
	if diff := cmp.Diff(storyEnds, story(t, b, b.another(t, client))); diff != "" {
		t.Errorf("ended: -want +got\n%s", diff)
	}
	several, used := 0, map[int]bool{}
	for _, keys := range k.runs {
		if len(keys) > 1 {
			several++
		}
		for _, key := range keys {
			used[slotOf(key)] = true
			if slotOf(key) != slotOf(keys[0]) {
				t.Fatalf("one script, two slots: %v", keys)
			}
		}
	}
	if several < 300 || len(used) != buckets {
		t.Errorf("%d scripts of several keys seen, in %d slots", several, len(used))
	}
}

// TestCluster plays the same on a real Redis Cluster of three nodes.
func TestCluster(t *testing.T) {
	cluster := redistest.StartCluster(t, 3)
	b := on(t, cluster.Client(t))
	if diff := cmp.Diff(storyEnds, story(t, b, b.another(t, cluster.Client(t)))); diff != "" {
		t.Errorf("ended: -want +got\n%s", diff)
	}
	for i, node := range cluster.Nodes {
		if n := node.Client().DBSize(t.Context()).Val(); n < 60 {
			t.Errorf("node %d has %d keys", i, n)
		}
	}
}
