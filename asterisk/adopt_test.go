package asterisk_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/asterisk"
	"hotline/asterisk/sipphone"
)

// recorded is the size of a recording so far.
func (h *heir) recorded(name string) int64 {
	info, err := os.Stat(filepath.Join(h.ast.Config.Dir, "spool", "recording", name+".wav"))
	if err != nil {
		return 0
	}
	return info.Size()
}

// has is how many channels, or bridges, Asterisk has.
func (h *heir) has(what string) int {
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, h.ast.ARI+"/ari/"+what, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	req.SetBasicAuth(h.ast.Config.ARIUser, h.ast.Config.ARIPass)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	var all []json.RawMessage
	if err := json.NewDecoder(res.Body).Decode(&all); err != nil {
		h.t.Fatal(err)
	}
	return len(all)
}

// heir is a house whose first controller dies in mid-call.
type heir struct {
	*house
	t     *testing.T
	book  *notebook
	cable *cable
	far   chan *sipphone.Incoming
}

func newHeir(t *testing.T) *heir {
	h := &heir{house: newHouse(t), t: t, book: newNotebook(), far: make(chan *sipphone.Incoming, 4)}
	h.cable = newCable(t, strings.TrimPrefix(h.ast.ARI, "http://"))
	h.carrier.Serve(func(in *sipphone.Incoming) {
		h.far <- in
		<-in.Context().Done()
	})
	return h
}

// serves runs the controller that will die.
func (h *heir) serves(handle asterisk.Handler) *desk {
	return h.work(h.t, answering(handle), func(c *asterisk.Config) { c.URL, c.Notebook = h.cable.url(), h.book })
}

// inherits runs the controller that takes the calls over once the first one is dead.
func (h *heir) inherits(adopt func(context.Context, *asterisk.Call, *asterisk.Note)) *desk {
	h.cable.pull()
	return h.work(h.t, func(context.Context, *asterisk.Call) { h.t.Error("a call began anew") },
		func(c *asterisk.Config) { c.Node, c.Notebook, c.Adopt = "other", h.book, adopt })
}

// talk connects a call with the desk.
func (h *heir) talk(ctx context.Context, c *asterisk.Call) (asterisk.LeftFirst, error) {
	d, err := c.Dial(ctx, asterisk.DialOptions{Endpoint: "PJSIP/8001@carrier"})
	if err != nil || d.Outcome != asterisk.Answered {
		h.t.Errorf("dialled %+v, %v", d, err)
		return "", err
	}
	return c.Connect(ctx, d.Leg)
}

// talking is a conversation under the controller that will die: the desk's 800 Hz.
func (h *heir) talking() (caller, far *sipphone.Session) {
	h.serves(func(ctx context.Context, c *asterisk.Call) { h.talk(ctx, c) })
	caller = h.dial(h.t)
	far, err := soon(h.t, h.far, "the desk").Answer()
	if err != nil {
		h.t.Fatal(err)
	}
	far.Say(sipphone.Tone(800))
	if err := caller.Ear().WaitTone(within(h.t, patience), 800); err != nil {
		h.t.Fatal(err)
	}
	return caller, far
}

// A caller who was hearing a prompt: it stops, and the flow's own state is there.
func TestTakenOverWhileListening(t *testing.T) {
	t.Run("note in the notebook", func(t *testing.T) { takenOverWhileListening(t, false) })
	t.Run("note on the channel", func(t *testing.T) { takenOverWhileListening(t, true) })
}

func takenOverWhileListening(t *testing.T, away bool) {
	h := newHeir(t)
	h.book.away = away
	h.serves(func(ctx context.Context, c *asterisk.Call) {
		c.Remember([]byte(`{"node":"menu"}`))
		c.Play(ctx, h.play("welcome"))
		<-ctx.Done()
	})
	s := h.dial(t)
	hears(t, s, "welcome")
	got := make(chan string, 1)
	h.inherits(func(ctx context.Context, c *asterisk.Call, n *asterisk.Note) {
		var state struct{ Node string }
		if n == nil || json.Unmarshal(n.State, &state) != nil || n.Step != asterisk.StepListening {
			t.Errorf("note %+v", n)
		}
		c.Play(ctx, h.play("menu"))
		got <- state.Node
	})
	hears(t, s, "menu")
	if node := soon(t, got, "the call's new owner"); node != "menu" {
		t.Errorf("the flow was at %q, want menu", node)
	}
	soon(t, s.Context().Done(), "the end")
	until(t, "the notes are erased", func() bool { return h.book.left() == 0 })
}

// A conversation goes on, and its end is what the flow's next step sees.
func TestTakenOverWhileTalking(t *testing.T) {
	h := newHeir(t)
	s, far := h.talking()
	left := make(chan asterisk.LeftFirst, 1)
	d := h.inherits(func(ctx context.Context, c *asterisk.Call, _ *asterisk.Note) {
		l, err := h.talk(ctx, c)
		if err != nil {
			t.Error(err)
		}
		left <- l
		c.Play(ctx, h.play("menu"))
	})
	s.Ear().Mark()
	if err := s.Ear().WaitTone(within(t, patience), 800); err != nil {
		t.Error("the conversation did not go on:", err)
	}
	if st := d.Stats(); st.Adopted != 1 || len(h.far) != 0 {
		t.Errorf("%d calls adopted, %d legs rung anew", st.Adopted, len(h.far))
	}
	far.Hangup(context.Background())
	if l := soon(t, left, "the end of the conversation"); l != asterisk.FarLeft {
		t.Errorf("left first: %s, want far", l)
	}
	hears(t, s, "menu")
}

// What a caller says goes on being recorded, in the same file.
func TestTakenOverWhileRecording(t *testing.T) {
	h := newHeir(t)
	o := asterisk.RecordOptions{Name: "voicemail/1", Max: time.Minute, StopKeys: "#"}
	h.serves(func(ctx context.Context, c *asterisk.Call) { c.Record(ctx, o) })
	s := h.dial(t)
	until(t, "the recording runs", func() bool { return h.book.left() == 1 })
	s.Say(sipphone.Tone(440))
	until(t, "it is written", func() bool { return h.recorded(o.Name) > 16000 }) // a second
	got := make(chan asterisk.Recording, 1)
	h.inherits(func(ctx context.Context, c *asterisk.Call, _ *asterisk.Note) {
		r, err := c.Record(ctx, o)
		if err != nil {
			t.Error(err)
		}
		got <- r
	})
	before := h.recorded(o.Name)
	until(t, "it goes on", func() bool { return h.recorded(o.Name) > before+8000 })
	go s.Press(within(t, patience), "#") // the call ends with the key's first packet
	r := soon(t, got, "the recording")
	if r.End != asterisk.RecordKey || r.Duration < 1500*time.Millisecond || r.Speech < time.Second {
		t.Errorf("recorded %+v, want the whole of it, ended by #", r)
	}
}

// Who hangs up while the call is being taken over has said what they said.
func TestTakenOverAfterRecording(t *testing.T) {
	h := newHeir(t)
	o := asterisk.RecordOptions{Name: "voicemail/2", Max: time.Minute, StopKeys: "#"}
	h.serves(func(ctx context.Context, c *asterisk.Call) { c.Record(ctx, o) })
	s := h.dial(t)
	s.Say(sipphone.Tone(440))
	until(t, "it is written", func() bool { return h.recorded(o.Name) > 16000 })
	got := make(chan asterisk.Recording, 1)
	h.inherits(func(ctx context.Context, c *asterisk.Call, _ *asterisk.Note) {
		s.Hangup(context.Background())
		<-ctx.Done()
		r, err := c.Record(ctx, o)
		if err != nil {
			t.Error(err)
		}
		got <- r
	})
	if r := soon(t, got, "the recording"); r.End != asterisk.RecordHangup || r.Speech < time.Second {
		t.Errorf("recorded %+v, want what was said", r)
	}
}

// Somebody who was being rung is rung no longer; the flow rings again.
func TestTakenOverWhileRinging(t *testing.T) {
	h := newHeir(t)
	ring := func(ctx context.Context, c *asterisk.Call) {
		c.Dial(ctx, asterisk.DialOptions{Endpoint: "PJSIP/8001@carrier", Meanwhile: []string{h.sound("ringback")}})
	}
	h.serves(ring)
	s := h.dial(t)
	first := soon(t, h.far, "the desk")
	first.Ring()
	hears(t, s, "ringback")
	d := h.inherits(func(ctx context.Context, c *asterisk.Call, n *asterisk.Note) {
		if n == nil || n.Step != asterisk.StepRinging || n.Endpoint != "PJSIP/8001@carrier" {
			t.Errorf("note %+v", n)
		}
		ring(ctx, c)
	})
	soon(t, first.Context().Done(), "the end of the first ringing")
	soon(t, h.far, "the desk rung again")
	s.Hangup(context.Background())
	if err := d.Wait(within(t, patience)); err != nil {
		t.Error(err)
	}
}

// A call goes from heir to heir, also when the first one's estate is another's.
func TestTakenOverTwice(t *testing.T) {
	h := newHeir(t)
	h.serves(func(ctx context.Context, c *asterisk.Call) {
		c.Play(ctx, h.play("welcome"))
		<-ctx.Done()
	})
	s := h.dial(t)
	hears(t, s, "welcome")
	wait := func(ctx context.Context, c *asterisk.Call, _ *asterisk.Note) {
		c.Play(ctx, h.play("menu"))
		<-ctx.Done()
	}
	second := h.inherits(wait)
	hears(t, s, "menu")
	second.Leave()
	second.stop()
	s.Ear().Mark()
	h.work(t, func(context.Context, *asterisk.Call) { t.Error("a call began anew") }, func(c *asterisk.Config) {
		c.Node, c.Notebook, c.Adopt = "third", h.book, wait
		c.Inherit = func(_ context.Context, app, _ string) bool { return strings.HasPrefix(app, "hotline-other-") }
	})
	hears(t, s, "menu")
}

// A call that ended while nobody controlled it is told of.
func TestLostWhileNobodyControlled(t *testing.T) {
	h := newHeir(t)
	h.serves(func(ctx context.Context, c *asterisk.Call) {
		c.Play(ctx, h.play("welcome"))
		<-ctx.Done()
	})
	s := h.dial(t)
	hears(t, s, "welcome")
	h.cable.pull()
	s.Hangup(context.Background())
	until(t, "Asterisk's end of it", func() bool { return h.has("channels") == 0 })
	lost := make(chan asterisk.Note, 2)
	h.work(t, func(context.Context, *asterisk.Call) {}, func(c *asterisk.Config) {
		c.Notebook, c.Lost = h.book, func(_ context.Context, n asterisk.Note) { lost <- n }
	})
	if n := soon(t, lost, "the lost call"); n.Channel == "" {
		t.Errorf("note %+v", n)
	}
	until(t, "its note is erased", func() bool { return h.book.left() == 0 })
}
