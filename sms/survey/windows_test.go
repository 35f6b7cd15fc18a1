package survey

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBoundary_ZQ15_2(t *testing.T) {
	tests := []struct {
		after time.Duration
		want  VerdictKind
	}{
		{-30 * time.Second, Rated}, // the receipt's time was rounded up
		{0, Rated},
		{24*time.Hour - time.Second, Rated},
		{24 * time.Hour, Rated},
		{24*time.Hour + 999*time.Millisecond, Rated}, // the last second is a whole one
		{24*time.Hour + time.Second, Late},
		{6 * 24 * time.Hour, Late},
	}
	b := warm(t)
	for i, tt := range tests {
		win := window("s"+strconv.Itoa(i), opened)
		win.Phone = fmt.Sprintf("1380000%04d", i)
		b.open(t, win)
		v := b.reply(t, Reply{Phone: win.Phone, Text: "2", At: opened.Add(tt.after)})
		if v.Kind != tt.want || (v.Rating == 2) != (tt.want == Rated) {
			t.Errorf("%v after opening: %+v, want %s", tt.after, v, tt.want)
		}
		if diff := cmp.Diff(win, v.Window); diff != "" {
			t.Errorf("window of the verdict: -want +got\n%s", diff)
		}
	}
}

func TestFirstValidAnswerWins_ZQ15_2(t *testing.T) {
	b := warm(t)
	b.open(t, window("s1", opened))
	steps := []struct {
		text   string
		kind   VerdictKind
		rating int
	}{
		{"1 2", Invalid, 0}, {"6", Invalid, 0}, {"好的吧", Invalid, 0}, // open all the while (Q10)
		{"我家门口的路灯坏了三天了", None, 0}, // a request, no attempt (Q7)
		{"退订", OptOut, 0},         // not an attempt either
		{"２", Rated, 2},
		{"5", Late, 0}, {"谢谢", Late, 0}, // first valid answer stays (Q11)
	}
	for _, s := range steps {
		if v := b.reply(t, Reply{Text: s.text, At: opened.Add(time.Hour)}); v.Kind != s.kind || v.Rating != s.rating {
			t.Errorf("%q: %+v, want %s %d", s.text, v, s.kind, s.rating)
		}
	}
	rec := newRecord()
	b.clock.Set(opened.Add(48 * time.Hour))
	if b.step(t, rec); len(rec.settled) != 0 {
		t.Errorf("an answered window is due: %v", rec.settled)
	}
}

func TestSameTextSameVerdict(t *testing.T) {
	b := warm(t)
	b.open(t, window("s1", opened))
	for _, r := range []Reply{{TextID: "a", Text: "1 2"}, {TextID: "b", Text: "4"}, {TextID: "c", Text: "1"}} {
		r.At = opened.Add(time.Minute)
		first := b.reply(t, r)
		for range 3 {
			if diff := cmp.Diff(first, b.reply(t, r)); diff != "" {
				t.Errorf("text %s again: -first +again\n%s", r.TextID, diff)
			}
		}
	}
	// Three deliveries of the invalid text were one attempt.
	packed := b.cfg.Redis.HGet(t.Context(), b.place("13800000001").windows, "s1").Val()
	if _, state, invalid, err := unpack("s1", packed); err != nil || invalid != 1 || state != stateRated {
		t.Errorf("packed %q: %d invalid attempts, state %s, %v", packed, invalid, state, err)
	}
}

// TestReplyBeforeReceipt: a text that overtakes the receipt is judged again once the window is there.
func TestReplyBeforeReceipt(t *testing.T) {
	b := warm(t)
	early := Reply{TextID: "early", Text: "3", At: opened.Add(-time.Second)}
	if v := b.reply(t, early); v.Kind != None {
		t.Fatalf("without a window: %+v", v)
	}
	b.open(t, window("s1", opened))
	if v := b.reply(t, early); v.Kind != Rated || v.Rating != 3 {
		t.Errorf("with its window: %+v", v)
	}
}

func TestTwoWindowsOfOnePhone_ZQ15_3(t *testing.T) {
	a := window("A", opened)
	a.Slot = "01"
	c := window("B", opened.Add(time.Hour))
	c.Slot, c.Order = "02", "ZZ20261121-00043-5"
	tests := map[string]struct {
		reply     Reply
		want      string
		kind      VerdictKind
		heuristic bool
	}{
		"by slot":                   {Reply{Slot: "01", Text: "4"}, "A", Rated, false},
		"by the other slot":         {Reply{Slot: "02", Text: "4"}, "B", Rated, false},
		"bare: the latest":          {Reply{Text: "4"}, "B", Rated, true},
		"by number":                 {Reply{Text: "4 ZZ20261121-00042-7"}, "A", Rated, false},
		"by digits":                 {Reply{Text: "4 261121000427"}, "A", Rated, false},
		"by number without check":   {Reply{Text: "4 ZZ20261121-00042"}, "A", Rated, false},
		"by the short form":         {Reply{Text: "2 42-7"}, "A", Rated, false},
		"number beats slot, marked": {Reply{Slot: "02", Text: "4 42-7"}, "A", Rated, true},
		"number and slot agree":     {Reply{Slot: "01", Text: "4 42-7"}, "A", Rated, false},
		"an unknown slot: latest":   {Reply{Slot: "77", Text: "4"}, "B", Rated, true},
		"another order's number":    {Reply{Text: "4 ZZ20261121-00099-1"}, "B", Invalid, true},
		"invalid by slot":           {Reply{Slot: "01", Text: "1 2"}, "A", Invalid, false},
	}
	b := warm(t)
	n := 0
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n++
			phone := fmt.Sprintf("1390000%04d", n)
			for _, win := range []Window{a, c} {
				win.Phone, win.ID = phone, win.ID+strconv.Itoa(n)
				b.open(t, win)
			}
			tt.reply.Phone, tt.reply.At = phone, opened.Add(2*time.Hour)
			v := b.reply(t, tt.reply)
			if v.Window.ID != tt.want+strconv.Itoa(n) || v.Kind != tt.kind || v.Heuristic != tt.heuristic {
				t.Errorf("%+v, want window %s, %s, heuristic %v", v, tt.want, tt.kind, tt.heuristic)
			}
		})
	}
}

// TestBareAnswerTakesTheOneOpen: an answered newer window does not swallow the answer to the older one.
func TestBareAnswerTakesTheOneOpen(t *testing.T) {
	b := warm(t)
	older, newer := window("old", opened), window("new", opened.Add(time.Hour))
	b.open(t, older, newer)
	at := opened.Add(2 * time.Hour)
	first, second := b.reply(t, Reply{Text: "1", At: at}), b.reply(t, Reply{Text: "5", At: at})
	if first.Window.ID != "new" || !first.Heuristic {
		t.Errorf("first bare answer: %+v", first)
	}
	if second.Window.ID != "old" || second.Rating != 5 || second.Heuristic {
		t.Errorf("second bare answer: %+v", second)
	}
}

// TestThousandReplies_ZQ15_2: however many answers race, one rates.
func TestThousandReplies_ZQ15_2(t *testing.T) {
	b := warm(t)
	b.open(t, window("s1", opened))
	var mu sync.Mutex
	kinds := map[VerdictKind]int{}
	var wg sync.WaitGroup
	for i := range 1000 {
		wg.Go(func() {
			v, err := b.Reply(t.Context(), Reply{TextID: fmt.Sprint("t", i), Phone: "13800000001", Text: strconv.Itoa(i%5 + 1), At: opened.Add(time.Hour)})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			kinds[v.Kind]++
		})
	}
	wg.Wait()
	if diff := cmp.Diff(map[VerdictKind]int{Rated: 1, Late: 999}, kinds); diff != "" {
		t.Errorf("verdicts: -want +got\n%s", diff)
	}
}

func TestOpenIsIdempotent(t *testing.T) {
	b := warm(t)
	win := window("s1", opened)
	b.open(t, win, win)
	b.reply(t, Reply{Text: "5", At: opened.Add(time.Minute)})
	moved := win
	moved.Deadline = moved.Deadline.Add(time.Hour)
	b.open(t, moved) // a second receipt neither reopens nor prolongs
	if v := b.reply(t, Reply{Text: "1", At: opened.Add(2 * time.Minute)}); v.Kind != Late || !v.Window.Deadline.Equal(win.Deadline) {
		t.Errorf("after opening again: %+v", v)
	}
	for _, bad := range []Window{{}, {ID: "x", Phone: "1"}, {ID: "a|b", Phone: "1", OpenedAt: opened, Deadline: opened.Add(1)}} {
		if err := b.Open(t.Context(), bad); !errors.Is(err, ErrBadWindow) {
			t.Errorf("Open(%+v) = %v, want ErrBadWindow", bad, err)
		}
	}
}

// TestNoNumberInRedis: phones are in Redis by HMAC only.
func TestNoNumberInRedis(t *testing.T) {
	b := warm(t)
	b.open(t, window("s1", opened))
	b.reply(t, Reply{Text: "2", At: opened})
	client := b.cfg.Redis
	for _, key := range client.Keys(t.Context(), "*").Val() {
		content := key + fmt.Sprint(client.HGetAll(t.Context(), key).Val(), client.Get(t.Context(), key).Val(), client.ZRange(t.Context(), key, 0, -1).Val())
		if strings.Contains(content, "13800000001") {
			t.Errorf("a phone number stands in %s", content)
		}
		ttl := client.TTL(t.Context(), key).Val()
		if kind := strings.Split(key, ":"); ttl <= 0 && kind[len(kind)-1] != "epoch" {
			t.Errorf("%s is never forgotten (TTL %v)", key, ttl)
		}
	}
}

// TestSmall: a million open windows are to fit into 400 MB of Redis, with the survey ids
// and order numbers there are.
func TestSmall(t *testing.T) {
	b := warm(t)
	used := func() int64 {
		t.Helper()
		_, rest, _ := strings.Cut(b.cfg.Redis.Info(t.Context(), "memory").Val(), "used_memory:")
		line, _, _ := strings.Cut(rest, "\r\n")
		n, err := strconv.ParseInt(line, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	const surveys = 40_000
	before := used()
	var wins []Window
	for n := range surveys {
		wins = append(wins, Window{ID: fmt.Sprintf("01JD%022d", n), Phone: fmt.Sprintf("138%08d", n), Slot: "07",
			Order: fmt.Sprintf("ZZ20261121-%05d-7", n), OpenedAt: opened, Deadline: opened.Add(24 * time.Hour)})
	}
	for page := range slices.Chunk(wins, loadPage) {
		if n, err := b.put(t.Context(), "", "", page); err != nil || n != len(page) {
			t.Fatalf("%d added, %v", n, err)
		}
	}
	each := (used() - before) / surveys
	t.Logf("%d bytes a window", each)
	if each > 400 {
		t.Errorf("%d bytes a window", each)
	}
	if e := b.cfg.Redis.ObjectEncoding(t.Context(), b.place(wins[0].Phone).windows).Val(); e != "listpack" {
		t.Errorf("the windows of a phone are kept as %s", e)
	}
}
