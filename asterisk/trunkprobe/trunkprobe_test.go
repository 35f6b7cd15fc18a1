package trunkprobe

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// probe is what a scripted trunk does with one OPTIONS: answer after a while, or nothing.
type probe struct {
	status int // 0: silence
	takes  time.Duration
}

var (
	quick  = probe{status: 200}
	slow   = probe{status: 200, takes: time.Second}
	busy   = probe{status: 503}
	silent = probe{}
)

// play probes a scripted trunk until the script is over and returns its changes of state
// and when each probe was sent.
func play(t *testing.T, script ...probe) (changes []State, sent []time.Duration, last Health) {
	t.Helper()
	began := time.Now()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	p, err := New(Config{Trunks: map[string]string{"carrier": "192.0.2.1:5060"}, Now: time.Now, After: time.After,
		Changed: func(_ context.Context, h Health) { changes = append(changes, h.State) },
		Ask: func(ctx context.Context, addr string) (Answer, error) {
			if len(sent) == len(script) {
				stop()
				return Answer{}, ctx.Err()
			}
			next := script[len(sent)]
			sent = append(sent, time.Since(began))
			if next.status == 0 {
				<-ctx.Done()
				return Answer{}, ctx.Err()
			}
			<-time.After(next.takes)
			return Answer{Status: next.status, RTT: next.takes}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return changes, sent, p.List()[0]
}

func TestStates(t *testing.T) {
	for name, tt := range map[string]struct {
		script []probe
		want   []State
	}{
		"one answer is enough at first":  {[]probe{quick}, []State{Up}},
		"one failure proves nothing":     {[]probe{silent}, nil},
		"nor does one among answers":     {[]probe{quick, busy, quick, silent, quick}, []State{Up}},
		"two do":                         {[]probe{quick, silent, busy}, []State{Up, Down}},
		"and at the start":               {[]probe{silent, silent}, []State{Down}},
		"one answer does not bring back": {[]probe{busy, busy, quick, busy, quick}, []State{Down}},
		"two do bring back":              {[]probe{busy, busy, quick, quick}, []State{Down, Up}},
		"a slow one of them is slow":     {[]probe{busy, busy, quick, slow}, []State{Down, Slow}},
		"slow twice":                     {[]probe{quick, slow, quick, slow, slow, quick, quick}, []State{Up, Slow, Up}},
		"who does not know OPTIONS":      {[]probe{{status: 404}, {status: 405}, {status: 499}}, []State{Up}},
		"who has no room":                {[]probe{{status: 500}, {status: 600}}, []State{Down}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, _, _ := play(t, tt.script...)
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// A trunk that seems to fall is asked again at once, one that stays down less and less often.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := []probe{quick, busy, busy, busy, busy, busy, busy, busy, quick, quick, quick}
		want := []time.Duration{10, 1, 4, 8, 16, 30, 30, 30, 1, 10} // seconds after the one before
		_, sent, h := play(t, script...)
		for i, w := range want {
			w *= time.Second
			if gap := sent[i+1] - sent[i]; gap < w*8/10 || gap > w*12/10 {
				t.Errorf("probe %d came %v after the one before, want about %v", i+1, gap, w)
			}
		}
		if h.State != Up || h.Detail != "" || h.Since.IsZero() {
			t.Errorf("health %+v", h)
		}
	})
}

// What is silent is given up after Patience, and Run ends at once though a probe is out.
func TestSilenceIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, sent, h := play(t, silent, silent, quick)
		if gap := sent[1] - sent[0]; gap < Patience || gap > Patience+probeAgain*12/10 {
			t.Errorf("the second probe came %v after the first", gap)
		}
		if h.State != Down {
			t.Errorf("health %+v", h)
		}
		ctx, stop := context.WithCancel(t.Context())
		p, err := New(Config{Trunks: map[string]string{"a": "192.0.2.1:1"}, Now: time.Now, After: time.After,
			Ask: func(ctx context.Context, _ string) (Answer, error) { <-ctx.Done(); return Answer{}, ctx.Err() }})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		time.AfterFunc(time.Second, stop)
		if err := p.Run(ctx); err != nil || time.Since(began) != time.Second {
			t.Errorf("ended after %v: %v", time.Since(began), err)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	for _, cfg := range []Config{
		{Trunks: map[string]string{"a": "192.0.2.1:5060"}},
		{Trunks: map[string]string{"a": "192.0.2.1"}, Now: time.Now, After: time.After},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("accepted %+v", cfg.Trunks)
		}
	}
}

var errRefused = errors.New("refused")

func FuzzStates(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 3, 2, 1, 0})
	f.Fuzz(func(t *testing.T, probes []byte) {
		tr := &trunk{}
		var fails int
		for _, b := range probes {
			a, err := Answer{Status: 200, RTT: time.Duration(b%2) * time.Second}, error(nil)
			if b%4 > 1 {
				a, err = Answer{}, errRefused
			}
			if err == nil {
				fails = 0
			} else {
				fails++
			}
			tr.probed(a, err)
			if fails >= 2 && tr.health.State != Down || tr.health.State == Down && fails == 0 && tr.last != Down && tr.gap() > probeAgain {
				t.Fatalf("after %v: %+v", probes, tr)
			}
			if g := tr.gap(); g < probeAgain || g > longestGap {
				t.Fatalf("gap %v", g)
			}
		}
	})
}
