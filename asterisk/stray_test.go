package asterisk_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/asterisk"
)

// Asterisk says "failed" of a playback whose channel is going; the hang-up comes right
// behind. Whichever of its two contexts is looked at first, that is a hang-up.
func TestPlaybackCutByAHangupIsAHangup(t *testing.T) {
	w := newWire(t)
	played := make(chan asterisk.Playback, 1)
	w.run(func(ctx context.Context, c *asterisk.Call) {
		guarded, cancel := c.Guard(ctx, '9')
		defer cancel()
		p, err := c.Play(guarded, asterisk.PlayOptions{Sounds: []string{"/a"}, Expect: 20 * time.Second})
		var hangup *asterisk.Hangup
		if !errors.As(err, &hangup) {
			t.Errorf("error %v, want the hang-up", err)
		}
		played <- p
	}, nil)
	for i := range 30 {
		id := string(rune('A' + i))
		w.send(ev("StasisStart", id))
		playback := w.awaits("POST /channels/" + id + "/play/")
		w.send(`{"type":"PlaybackFinished","playback":{"id":"`+playback+`","state":"failed"}}`,
			ev("ChannelHangupRequest", id, "cause", "16"), ev("ChannelDestroyed", id))
		if p := soon(t, played, "the playback"); p.End != asterisk.PlayHangup {
			t.Fatalf("call %s: playback %+v, want hangup", id, p)
		}
	}
}

// A leg that answers after it was given up (a slow request, a controller that died) is
// nobody's citizen: the person who picked up must not hear a menu.
func TestALegNobodyWaitsForIsHungUp(t *testing.T) {
	w := newWire(t)
	w.run(func(_ context.Context, c *asterisk.Call) { t.Errorf("%s was served as a citizen's call", c.ID()) }, nil)
	w.send(ev("StasisStart", "hotline-leg-dead-7"))
	w.awaits("DELETE /channels/hotline-leg-dead-7")
}

// A hang-up that Asterisk was too busy for is tried again, also when the handler asked
// for it: the channel must not stay up with nobody on our side.
func TestHangupThatFailedIsTriedAgain(t *testing.T) {
	w := newWire(t)
	w.on("DELETE /channels/1", answer{status: 503, body: `{"message":"busy"}`})
	clock := &shiftClock{}
	asked := make(chan error, 1)
	sw, _ := w.run(func(ctx context.Context, c *asterisk.Call) {
		asked <- c.Hangup(context.WithoutCancel(ctx), "normal")
	}, func(c *asterisk.Config) { c.Clock = clock })
	w.send(ev("StasisStart", "1"))
	if err := soon(t, asked, "the first try"); err == nil {
		t.Error("the first try should have failed")
	}
	w.awaits("DELETE /channels/1")
	w.awaits("DELETE /channels/1")
	w.on("DELETE /channels/1", answer{status: 200, body: "{}"})
	until(t, "the pause before the next try", func() bool { return clock.waiting() >= 2 }) // and the socket's ping
	clock.advance(time.Second)
	w.awaits("DELETE /channels/1")
	if err := sw.Wait(within(t, patience)); err != nil {
		t.Error(err)
	}
}

// A request that nobody answered in time may have been carried out all the same.
func TestWhatMayHaveBegunIsStopped(t *testing.T) {
	w := newWire(t)
	w.on("POST /channels/1/play", answer{hold: true})
	w.on("POST /channels/1/record", answer{hold: true})
	w.run(func(ctx context.Context, c *asterisk.Call) {
		if p, err := c.Play(ctx, asterisk.PlayOptions{Sounds: []string{"/a"}}); err == nil || p.End != asterisk.PlayFailed {
			t.Errorf("played %+v, %v", p, err)
		}
		if r, err := c.Record(ctx, asterisk.RecordOptions{Name: "message"}); err == nil || r.End != asterisk.RecordFailed {
			t.Errorf("recorded %+v, %v", r, err)
		}
	}, func(c *asterisk.Config) { c.RequestTimeout = time.Second })
	w.send(ev("StasisStart", "1"))
	w.awaits("DELETE /playbacks/" + w.awaits("POST /channels/1/play/"))
	w.awaits("POST /channels/1/record")
	w.awaits("POST /recordings/live/message/stop")
}

// A conversation may last for hours with a key held down; what is pressed in it must
// not pile up.
func TestKeysOfAConversationDoNotPileUp(t *testing.T) {
	w := newWire(t)
	left := make(chan asterisk.LeftFirst, 1)
	got := make(chan asterisk.Gathered, 1)
	sw, _ := w.run(func(ctx context.Context, c *asterisk.Call) {
		guarded, cancel := c.Guard(ctx, '9')
		defer cancel()
		d, err := c.Dial(ctx, asterisk.DialOptions{Endpoint: "PJSIP/8001"})
		if err != nil {
			t.Error(err)
			return
		}
		l, _ := c.Connect(guarded, d.Leg)
		left <- l
		g, _ := c.Gather(ctx, asterisk.GatherOptions{})
		got <- g
	}, nil)
	w.send(ev("StasisStart", "1"))
	leg := w.awaits("POST /channels/hotline-")
	w.send(ev("StasisStart", "hotline-"+leg))
	w.awaits("POST /bridges/")
	w.awaits("POST /bridges/")
	for range 20 {
		for range 50 {
			w.send(key("1", '1'), key("hotline-"+leg, '2'))
		}
		until(t, "the mailbox is empty", func() bool { return sw.Stats().Waiting == 0 })
	}
	w.send(key("1", '9'), key("1", '3'))
	if l := soon(t, left, "the end of the conversation"); l != asterisk.CutOff {
		t.Errorf("left first: %s", l)
	}
	if diff := cmp.Diff(asterisk.Gathered{Digits: "3", End: asterisk.GatherDone}, soon(t, got, "the key after the guarded one")); diff != "" {
		t.Errorf("gathered (-want +got):\n%s", diff)
	}
}

// The emergency key that came while a longer input was open, and was not used by it,
// counts when that input is over.
func TestGuardedKeyLeftOverByAnInputFires(t *testing.T) {
	w := newWire(t)
	busy, fired := make(chan struct{}), make(chan error, 1)
	sw, _ := w.run(func(ctx context.Context, c *asterisk.Call) {
		guarded, cancel := c.Guard(ctx, '9')
		defer cancel()
		c.Gather(guarded, asterisk.GatherOptions{Max: 4, Valid: "0123456789"}) // ends with the wrong key
		_, err := c.Gather(guarded, asterisk.GatherOptions{Valid: "123"})
		fired <- err
		<-busy
	}, nil)
	defer close(busy)
	w.send(ev("StasisStart", "1"))
	until(t, "the input", func() bool { return len(sw.Calls()) > 0 && sw.Calls()[0].Doing == "gathering" })
	w.send(key("1", '*'), key("1", '9')) // so fast that the input still looks open
	var pressed *asterisk.KeyPressed
	if err := soon(t, fired, "the key"); !errors.As(err, &pressed) {
		t.Errorf("error %v, want the guarded key", err)
	}
}

// until waits for a condition nobody announces.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for limit := within(t, patience); !so(); runtime.Gosched() {
		if limit.Err() != nil {
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// A playback that is not wanted any more is stopped once Asterisk has begun it, and not
// before, when there is nothing to stop.
func TestPlaybackIsStoppedAfterItBegan(t *testing.T) {
	w := newWire(t)
	begun := make(chan struct{})
	w.on("POST /channels/1/play", answer{status: 201, body: "{}", after: begun})
	cut := make(chan context.CancelFunc, 1)
	sw, _ := w.run(func(ctx context.Context, c *asterisk.Call) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		cut <- cancel
		c.Play(ctx, asterisk.PlayOptions{Sounds: []string{"/a"}})
	}, nil)
	w.send(ev("StasisStart", "1"))
	w.awaits("POST /channels/1/play/")
	soon(t, cut, "the playback")()
	for range 20 { // what would be sent at once has arrived by then
		if _, err := sw.Channels(within(t, patience)); err != nil {
			t.Fatal(err)
		}
		if r := soon(t, w.seen, "the list"); r != "GET /channels" {
			t.Fatalf("%s before the playback began", r)
		}
	}
	close(begun)
	w.awaits("DELETE /playbacks/1-p0")
}

// While Asterisk stops a prompt the next step is noted, but not asked for: its sound would
// wait for the end of the prompt.
func TestNextSoundWaitsForTheEndOfTheOneBefore(t *testing.T) {
	w := newWire(t)
	over := make(chan struct{})
	w.on("DELETE /playbacks/1-p0", answer{status: 204, after: over})
	book := newNotebook()
	sw, _ := w.run(func(ctx context.Context, c *asterisk.Call) {
		c.Gather(ctx, asterisk.GatherOptions{Prompt: asterisk.PlayOptions{Sounds: []string{"/a"}}})
		c.Play(ctx, asterisk.PlayOptions{Sounds: []string{"/b"}})
	}, func(c *asterisk.Config) { c.Notebook = book })
	w.send(ev("StasisStart", "1"))
	w.awaits("POST /channels/1/play/1-p0")
	w.send(key("1", '5'))
	w.awaits("DELETE /playbacks/1-p0")
	until(t, "the note of the second sound", func() bool { return book.playback("1") == 1 })
	for range 20 { // what would be sent at once has arrived by then
		if _, err := sw.Channels(within(t, patience)); err != nil {
			t.Fatal(err)
		}
		if r := soon(t, w.seen, "the list"); r != "GET /channels" {
			t.Fatalf("%s before the first sound ended", r)
		}
	}
	close(over)
	w.awaits("POST /channels/1/play/1-p1")
}

// A stop that was lost with its connection is sent again although the flow asks for
// nothing more, only waits.
func TestLostStopIsSentAgain(t *testing.T) {
	w := newWire(t)
	w.on("DELETE /playbacks/1-p0", answer{lost: true})
	w.run(func(ctx context.Context, c *asterisk.Call) {
		c.Gather(ctx, asterisk.GatherOptions{Prompt: asterisk.PlayOptions{Sounds: []string{"/a"}}, Max: 4})
	}, nil)
	w.send(ev("StasisStart", "1"))
	w.awaits("POST /channels/1/play/1-p0")
	w.send(key("1", '5'))
	w.awaits("DELETE /playbacks/1-p0")
	w.awaits("DELETE /playbacks/1-p0")
}
