package sipphone

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

func TestCallIsShownRungAndAnswered(t *testing.T) {
	ctx := testContext(t)
	a, b := openPhone(t, Config{Number: "13800000001"}), openPhone(t, Config{})
	rang, ringing, taken := make(chan int, 8), make(chan struct{}), make(chan struct{})
	rings := sync.OnceFunc(func() { close(ringing) }) // a response may come again
	seen := make(chan *Incoming, 1)
	b.Serve(func(in *Incoming) {
		seen <- in
		if err := in.Ring(); err != nil {
			t.Errorf("ring: %v", err)
		}
		<-ringing // two responses sent at once may be taken in either order
		if _, err := in.Answer(); err != nil {
			t.Errorf("answer: %v", err)
		}
		close(taken)
	})
	s, err := a.Call(ctx, b.URI("120"), CallOptions{
		Name:     "Li Si",
		Headers:  map[string]string{"P-Asserted-Identity": `"Li" <sip:13800000009@127.0.0.1>`, "X-Order": "42"},
		Progress: func(status int) { rang <- status; rings() },
	})
	if err != nil {
		t.Fatal(err)
	}
	<-taken
	in := <-seen
	got := []string{in.From, in.FromName, in.PAI, in.To, string(in.Codec), in.Headers["X-Order"], in.ID}
	want := []string{"13800000001", "Li Si", "13800000009", "120", "PCMA", "42", s.ID()}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("incoming %d: got %q, want %q", i, got[i], want[i])
		}
	}
	if status := <-rang; status != 180 {
		t.Errorf("progress %d, want 180", status)
	}
	if s.Codec() != PCMA {
		t.Errorf("codec %s", s.Codec())
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		refuse func(*Incoming) error
		want   int
	}{
		"busy":        {(*Incoming).Busy, 486},
		"decline":     {(*Incoming).Decline, 603},
		"unavailable": {func(in *Incoming) error { return in.Reject(480, "Temporarily Unavailable") }, 480},
		"no number":   {func(in *Incoming) error { return in.Reject(404, "Not Found") }, 404},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := openPhone(t, Config{}), openPhone(t, Config{})
			b.Serve(func(in *Incoming) {
				if err := c.refuse(in); err != nil {
					t.Errorf("refuse: %v", err)
				}
				if _, err := in.Answer(); err == nil {
					t.Error("a refused call was answered")
				}
			})
			_, err := a.Call(testContext(t), b.URI("8001"), CallOptions{})
			var r *Rejected
			if !errors.As(err, &r) || r.Status != c.want {
				t.Fatalf("got %v, want status %d", err, c.want)
			}
		})
	}
}

func TestTrunkStates(t *testing.T) {
	a, b := openPhone(t, Config{}), openPhone(t, Config{})
	b.SetState(Refuses)
	_, err := a.Call(testContext(t), b.URI("110"), CallOptions{})
	var r *Rejected
	if !errors.As(err, &r) || r.Status != 503 {
		t.Fatalf("refusing trunk: got %v, want 503", err)
	}
	b.SetState(Silent)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err = a.Call(ctx, b.URI("110"), CallOptions{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("silent trunk: got %v", err)
	}
	b.SetState(Up)
	b.Serve(func(in *Incoming) { _ = in.Busy() })
	if _, err = a.Call(testContext(t), b.URI("110"), CallOptions{}); !errors.As(err, &r) || r.Status != 486 {
		t.Fatalf("trunk back up: got %v, want 486", err)
	}
}

func TestCallerGivesUp(t *testing.T) {
	a, b := openPhone(t, Config{}), openPhone(t, Config{})
	gone := make(chan error, 1)
	ctx, giveUp := context.WithCancelCause(testContext(t))
	b.Serve(func(in *Incoming) {
		if err := in.Ring(); err != nil {
			t.Errorf("ring: %v", err)
		}
		<-in.Context().Done()
		gone <- context.Cause(in.Context())
		if _, err := in.Answer(); !errors.Is(err, ErrCancelled) {
			t.Errorf("answering a cancelled call: %v", err)
		}
	})
	why := errors.New("nobody picks up")
	_, err := a.Call(ctx, b.URI("13911112222"), CallOptions{Progress: func(int) { giveUp(why) }})
	if !errors.Is(err, why) {
		t.Errorf("got %v, want the context's cause", err)
	}
	if got := <-gone; !errors.Is(got, ErrCancelled) {
		t.Errorf("callee was told %v", got)
	}
}

// However CANCEL and 200 cross, no call may be left up at either end.
func TestCancelAndAnswerAtOnce(t *testing.T) {
	a, b := openPhone(t, Config{}), openPhone(t, Config{})
	ended := make(chan struct{}, 100)
	b.Serve(func(in *Incoming) {
		_ = in.Ring()
		if s, err := in.Answer(); err == nil {
			<-s.Context().Done()
		}
		ended <- struct{}{}
	})
	for range 30 {
		ctx, giveUp := context.WithCancel(testContext(t))
		s, err := a.Call(ctx, b.URI("110"), CallOptions{Progress: func(int) { go giveUp() }})
		if err == nil {
			if err := s.Hangup(testContext(t)); err != nil {
				t.Errorf("hang up: %v", err)
			}
		}
		<-ended
		giveUp()
	}
	if n := len(a.Sessions()) + len(b.Sessions()); n != 0 {
		t.Errorf("%d calls left up", n)
	}
}

func TestEitherSideHangsUp(t *testing.T) {
	for name, who := range map[string]int{"caller": 0, "callee": 1} {
		t.Run(name, func(t *testing.T) {
			here, there := talk(t, Config{}, Config{})
			ends := []*Session{here, there}
			if err := ends[who].Hangup(testContext(t)); err != nil {
				t.Fatal(err)
			}
			for i, s := range ends {
				<-s.Context().Done()
				var e *Ended
				if !errors.As(context.Cause(s.Context()), &e) || (e.By == Us) != (i == who) {
					t.Errorf("end %d: %v", i, context.Cause(s.Context()))
				}
			}
			if err := ends[1-who].Hangup(testContext(t)); err != nil {
				t.Errorf("hanging up an ended call: %v", err)
			}
		})
	}
}

func TestCodecs(t *testing.T) {
	for name, c := range map[string]struct {
		offer, takes []Codec
		want         Codec
	}{
		"default":           {nil, nil, PCMA},
		"mu-law":            {[]Codec{PCMU}, []Codec{PCMA, PCMU}, PCMU},
		"caller's first":    {[]Codec{PCMU, PCMA}, []Codec{PCMA, PCMU}, PCMU},
		"wide band":         {[]Codec{G722, PCMA}, []Codec{G722}, G722},
		"nothing in common": {[]Codec{PCMU}, []Codec{PCMA}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if c.want == "" {
				a, b := openPhone(t, Config{Codecs: c.offer}), openPhone(t, Config{Codecs: c.takes})
				_, err := a.Call(testContext(t), b.URI("1"), CallOptions{})
				var r *Rejected
				if !errors.As(err, &r) || r.Status != 488 {
					t.Fatalf("got %v, want 488", err)
				}
				return
			}
			here, there := talk(t, Config{Codecs: c.offer}, Config{Codecs: c.takes})
			if here.Codec() != c.want || there.Codec() != c.want {
				t.Fatalf("got %s and %s", here.Codec(), there.Codec())
			}
			here.Say(Tone(700))
			if err := there.Ear().WaitTone(testContext(t), 700); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNextTakesCallsNobodyServes(t *testing.T) {
	a, b := openPhone(t, Config{}), openPhone(t, Config{})
	go func() {
		in, err := b.Next(t.Context())
		if err != nil {
			t.Errorf("next: %v", err)
			return
		}
		_ = in.Busy()
	}()
	_, err := a.Call(testContext(t), b.URI("1"), CallOptions{})
	var r *Rejected
	if !errors.As(err, &r) || r.Status != 486 {
		t.Fatalf("got %v", err)
	}
}
