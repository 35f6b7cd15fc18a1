package asterisk_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/asterisk"
)

func TestOddEventsDisturbNoCall(t *testing.T) {
	w := newWire(t)
	got := make(chan asterisk.Gathered, 1)
	sw, _ := w.run(func(ctx context.Context, c *asterisk.Call) {
		g, err := c.Gather(ctx, asterisk.GatherOptions{Max: 2})
		if err != nil {
			t.Error(err)
		}
		got <- g
	}, nil)
	w.send(
		ev("StasisStart", "1"), key("1", '4'),
		`{"type":"SomethingNew","channel":{"id":"1"}}`, `{"type":"PlaybackFinished"}`, `{"type":`, `[]`, `null`, `""`,
		`{"type":"ChannelDtmfReceived","channel":{"id":"1"},"digit":""}`, `{"type":"StasisStart","channel":null}`,
		ev("StasisEnd", "unknown"),
		`{"type":"ChannelVarset","value":"`+strings.Repeat("x", 1<<20)+`"}`,
		key("1", '2'),
	)
	if diff := cmp.Diff(asterisk.Gathered{Digits: "42", End: asterisk.GatherDone}, soon(t, got, "the keys")); diff != "" {
		t.Errorf("gathered (-want +got):\n%s", diff)
	}
	s := sw.Stats()
	if s.Unknown != 2 || s.Malformed != 7 || s.Unrouted != 1 || s.Connects != 1 {
		t.Errorf("stats %+v, want 2 unknown, 7 malformed, 1 unrouted", s)
	}
}

func TestBurstKeepsOrderAndNothingIsDropped(t *testing.T) {
	w := newWire(t)
	var want strings.Builder
	busy, got := make(chan struct{}), make(chan asterisk.Gathered, 1)
	sw, _ := w.run(func(ctx context.Context, c *asterisk.Call) {
		<-busy // a handler that does something else while a thousand keys come
		g, err := c.Gather(ctx, asterisk.GatherOptions{Max: 1000})
		if err != nil {
			t.Error(err)
		}
		got <- g
	}, nil)
	w.send(ev("StasisStart", "1"))
	for i := range 1000 {
		k := "0123456789"[i*7%10]
		want.WriteByte(k)
		w.send(key("1", k))
	}
	for sw.Stats().Waiting < 1000 {
		runtime.Gosched()
	}
	close(busy)
	if g := soon(t, got, "the keys"); g.Digits != want.String() || g.End != asterisk.GatherDone {
		t.Errorf("%d digits of 1000, in order: %v", len(g.Digits), g.Digits == want.String())
	}
	if s := sw.Stats(); s.Deepest != 1000 {
		t.Errorf("deepest mailbox %d, want 1000", s.Deepest)
	}
}

func TestPlaybackThatNeverFinishesIsEndedByOurTimer(t *testing.T) {
	w := newWire(t)
	clock := &shiftClock{}
	played := make(chan asterisk.Playback, 1)
	w.run(func(ctx context.Context, c *asterisk.Call) {
		p, err := c.Play(ctx, asterisk.PlayOptions{Sounds: []string{"/a"}, Expect: 20 * time.Second})
		if err != nil {
			t.Error(err)
		}
		played <- p
	}, func(c *asterisk.Config) { c.Clock = clock })
	w.send(ev("StasisStart", "1"))
	id := w.awaits("POST /channels/1/play/")
	for clock.waiting() < 2 { // the socket's ping and the playback
		runtime.Gosched()
	}
	clock.advance(15 * time.Second)
	select {
	case p := <-played:
		t.Fatalf("ended too early: %+v", p)
	default:
	}
	clock.advance(8 * time.Second)
	if p := soon(t, played, "the timer"); p.End != asterisk.PlayTimedOut || p.Elapsed < 23*time.Second {
		t.Errorf("playback %+v, want timed-out after 23 s", p)
	}
	w.awaits("DELETE /playbacks/" + id)
}

func TestRefusalsSpeakAsteriskWords(t *testing.T) {
	w := newWire(t)
	w.on("POST /channels/1/play", answer{status: 409, body: `{"message":"Channel not in a Stasis application"}`})
	errs := make(chan error, 1)
	w.run(func(ctx context.Context, c *asterisk.Call) {
		_, err := c.Play(ctx, asterisk.PlayOptions{Sounds: []string{"/a"}})
		errs <- err
	}, nil)
	w.send(ev("StasisStart", "1"))
	var refused *asterisk.RequestError
	err := soon(t, errs, "the refusal")
	if !errors.As(err, &refused) || refused.Status != 409 || refused.Message != "Channel not in a Stasis application" {
		t.Errorf("error %v, want Asterisk's own words", err)
	}
}

func TestUnansweredRequestMissesItsDeadline(t *testing.T) {
	w := newWire(t)
	w.on("POST /channels/1/answer", answer{hold: true})
	errs := make(chan error, 1)
	w.run(func(ctx context.Context, c *asterisk.Call) { errs <- c.Answer(ctx) },
		func(c *asterisk.Config) { c.RequestTimeout = time.Second })
	w.send(ev("StasisStart", "1"))
	if err := soon(t, errs, "the deadline"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want a missed deadline", err)
	}
}

func TestChannelNotFoundIsAHangup(t *testing.T) {
	w := newWire(t)
	w.on("POST /channels/1/play", answer{status: 404, body: `{"message":"Channel not found"}`})
	ended := make(chan error, 1)
	w.run(func(ctx context.Context, c *asterisk.Call) {
		p, err := c.Play(ctx, asterisk.PlayOptions{Sounds: []string{"/a"}})
		if p.End != asterisk.PlayHangup {
			t.Errorf("playback %+v, want hangup", p)
		}
		ended <- err
	}, nil)
	w.send(ev("StasisStart", "1"))
	var hangup *asterisk.Hangup
	if err := soon(t, ended, "the hang-up"); !errors.As(err, &hangup) || hangup.By != asterisk.CallerLeft {
		t.Errorf("error %v, want a hang-up by the caller", err)
	}
}

// A socket ends by itself, or is one that hears nothing any more: a handshake that we had
// given up, because Asterisk stood still, came to pass after the one that we listen to.
func TestReconnectKeepsLiveCallsAndEndsVanishedOnes(t *testing.T) {
	for name, lose := range map[string]func(*wire){
		"cut":      (*wire).cut,
		"replaced": func(w *wire) { w.send(`{"type":"ApplicationReplaced","application":"hotline"}`) },
	} {
		t.Run(name, func(t *testing.T) { reconnects(t, lose) })
	}
}

func reconnects(t *testing.T, lose func(*wire)) {
	w := newWire(t)
	clock := &shiftClock{}
	ended := make(chan string, 2)
	got := make(chan asterisk.Gathered, 1)
	played := make(chan asterisk.Playback, 1)
	sw, _ := w.run(func(ctx context.Context, c *asterisk.Call) {
		if c.ID() == "stays" {
			p, _ := c.Play(ctx, asterisk.PlayOptions{Sounds: []string{"/a"}})
			played <- p
			g, _ := c.Gather(ctx, asterisk.GatherOptions{})
			got <- g
			return
		}
		<-ctx.Done()
		ended <- context.Cause(ctx).Error()
	}, func(c *asterisk.Config) { c.Clock = clock })
	w.send(ev("StasisStart", "stays"), ev("StasisStart", "goes"))
	w.awaits("POST /channels/stays/play/")
	w.on("GET /playbacks/", answer{status: 404, body: `{"message":"Playback not found"}`})
	w.on("GET /applications", answer{status: 200, body: `[{"name":"hotline-other-x","channel_ids":["orphan","hotline-leg-x-1"]},` +
		`{"name":"another","channel_ids":["foreign"]}]`})
	w.on("GET /channels", answer{status: 200, body: `[` +
		`{"id":"stays","state":"Up","dialplan":{"app_name":"Stasis","app_data":"hotline,inbound"}},` +
		`{"id":"orphan","state":"Up","dialplan":{"app_name":"Stasis","app_data":"hotline,inbound"}},` +
		`{"id":"hotline-leg-x-1","state":"Ringing","dialplan":{"app_name":"AppDial2"}},` +
		`{"id":"foreign","state":"Up","dialplan":{"app_name":"Stasis","app_data":"another"}}]`})
	lose(w)
	soon(t, w.sockets, "the second socket")
	if cause := soon(t, ended, "the vanished call"); !strings.Contains(cause, "disconnected") {
		t.Errorf("cause %q, want that it ended while we were disconnected", cause)
	}
	if p := soon(t, played, "the playback that ended meanwhile"); p.End != asterisk.PlayDone {
		t.Errorf("playback %+v, want done", p)
	}
	handled := map[string]bool{}
	for len(handled) < 2 {
		if r := w.awaits(""); strings.Contains(r, "channels/orphan") || strings.Contains(r, "hotline-leg-x-1") {
			handled[r] = true
		}
	}
	want := map[string]bool{"POST /channels/orphan/continue": true, "DELETE /channels/hotline-leg-x-1": true}
	if diff := cmp.Diff(want, handled); diff != "" {
		t.Errorf("calls without a controller (-want +got):\n%s", diff)
	}
	w.send(key("stays", '7'))
	if g := soon(t, got, "the key after the reconnect"); g.Digits != "7" {
		t.Errorf("gathered %+v, want 7", g)
	}
	if s := sw.Stats(); s.Connects != 2 || s.Fallback != 1 || !s.Connected {
		t.Errorf("stats %+v, want 2 connects, 1 fallback", s)
	}
}

func TestAdoptTakesTheCallsOfADeadController(t *testing.T) {
	w := newWire(t)
	w.on("GET /applications", answer{status: 200, body: `[{"name":"hotline-main-x","channel_ids":["1"]}]`})
	w.on("GET /channels", answer{status: 200, body: `[{"id":"1","state":"Up","caller":{"number":"13800138000"},` +
		`"dialplan":{"exten":"12345","app_name":"Stasis","app_data":"hotline,inbound"}}]`})
	got := make(chan string, 1)
	w.run(func(context.Context, *asterisk.Call) {}, func(c *asterisk.Config) {
		c.Adopt = func(ctx context.Context, c *asterisk.Call, _ *asterisk.Note) {
			got <- c.Caller()
			c.Gather(ctx, asterisk.GatherOptions{})
		}
	})
	if caller := soon(t, got, "the adopted call"); caller != "13800138000" {
		t.Errorf("caller %q", caller)
	}
	w.send(key("1", '1'))
	w.awaits("DELETE /channels/1")
}

func TestDrainSendsNewCallsToTheFallback(t *testing.T) {
	w := newWire(t)
	started := make(chan struct{}, 2)
	sw, _ := w.run(func(ctx context.Context, c *asterisk.Call) {
		started <- struct{}{}
		c.Gather(ctx, asterisk.GatherOptions{})
	}, nil)
	w.send(ev("StasisStart", "1"))
	soon(t, started, "the call")
	sw.Drain()
	w.send(ev("StasisStart", "2"))
	w.awaits("POST /channels/2/continue")
	if calls := sw.Calls(); len(calls) != 1 || calls[0].ID != "1" || calls[0].Caller != "13800138000" {
		t.Errorf("calls %+v, want the first alone", calls)
	}
	w.send(key("1", '1'))
	w.awaits("DELETE /channels/1")
	if err := sw.Wait(within(t, patience)); err != nil {
		t.Error(err)
	}
}

func TestPanicApologisesAndFallsBack(t *testing.T) {
	w := newWire(t)
	var log lockedBuffer
	sw, _ := w.run(func(context.Context, *asterisk.Call) { panic("bug") }, func(c *asterisk.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
		c.Apology = func(ctx context.Context, c *asterisk.Call) {
			c.Play(ctx, asterisk.PlayOptions{Sounds: []string{"/apology"}})
		}
	})
	w.send(ev("StasisStart", "1"))
	id := w.awaits("POST /channels/1/play/")
	w.send(`{"type":"PlaybackFinished","playback":{"id":"` + id + `","state":"done"}}`)
	w.awaits("POST /channels/1/continue")
	if err := sw.Wait(within(t, patience)); err != nil {
		t.Error(err)
	}
	if s := sw.Stats(); s.Panics != 1 || !strings.Contains(log.String(), "bug") {
		t.Errorf("%d panics counted, want 1; log:\n%s", s.Panics, log.String())
	}
}

func TestNothingOutlivesItsCall(t *testing.T) {
	w := newWire(t)
	_, stop := w.run(func(ctx context.Context, c *asterisk.Call) {
		guarded, cancel := c.Guard(ctx, '9')
		defer cancel()
		c.Dial(guarded, asterisk.DialOptions{Endpoint: "PJSIP/1@carrier", Meanwhile: []string{"/ringback"}})
	}, nil)
	for _, id := range []string{"1", "2", "3"} {
		w.send(ev("StasisStart", id))
	}
	w.send(ev("ChannelHangupRequest", "1", "cause", "16"), ev("ChannelDestroyed", "1"), key("2", '9'))
	w.awaits("DELETE /channels/2")
	stop() // "3" still rings
	if left := goroutinesOf("hotline/asterisk.(*"); len(left) > 0 {
		t.Errorf("%d goroutines left:\n%s", len(left), strings.Join(left, "\n\n"))
	}
}
