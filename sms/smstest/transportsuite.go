package smstest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/sms"
)

// Carrier is the far side of a transport under test, such as [SMSC] or [ISMG].
type Carrier interface {
	WaitTexts(ctx context.Context, n int) ([]Text, error)
	Deliver(ctx context.Context, from, to, text string) error
	Tune(change func(*Knobs))
}

// Rig is a transport under test with its carrier.
type Rig struct {
	sms.Transport
	Carrier
	Disconnect func() // drops the line without a word
	// Never and Later are statuses of the protocol that refuse a text for good, because of
	// its number, and for now.
	Never, Later uint32
	// Whole is set where texts travel whole, each under one id, and segments are the
	// carrier's own business; NoThrottle where nobody is told to be slower; NoExt where an
	// answer brings no extension.
	Whole, NoThrottle, NoExt bool
}

// rigged is a rig that runs.
type rigged struct {
	Rig
	*Sink
	stop func() // ends Run and waits for it
}

// Response is how long a transport under test is to wait for an answer.
const Response = time.Minute

// patience is for what must come: a machine that tests much at once may stand still.
const patience = time.Minute

// TestTransport is what every transport must keep. open gives a transport on a clock that was
// not run yet and the carrier it leads to; it must give up waiting for an answer after
// [Response], and come back after a disconnection within a second or so.
func TestTransport(t *testing.T, open func(t *testing.T, clock sms.Clock) Rig) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, *rigged){
		"a text is taken and its receipt comes":    carriesOne,
		"a long text arrives whole":                carriesLong,
		"nothing is dropped when all send at once": carriesMany,
		"an answer finds the extension":            bringsExtension,
		"a long answer comes in parts that fit":    bringsLong,
		"what was not stored comes again":          bringsAgain,
		"the faults are told apart":                tellsFaults,
		"the link comes back":                      comesBack,
		"ending closes the link":                   closes,
	} {
		t.Run(name, func(t *testing.T) {
			test(t, start(t, open(t, WallClock{})))
		})
	}
	t.Run("an unanswered text has an unknown outcome", func(t *testing.T) {
		clock := NewHeldClock()
		tellsUnknown(t, start(t, open(t, clock)), clock)
	})
}

// start runs a transport and waits until it is up.
func start(t *testing.T, rig Rig) *rigged {
	t.Helper()
	r := &rigged{Rig: rig, Sink: NewSink()}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, r.Sink) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(r.stop)
	r.waitUp(t, true)
	return r
}

func (r *rigged) waitUp(t *testing.T, up bool) {
	t.Helper()
	if err := r.Until(soon(t), func() bool { return r.Health().Up == up }); err != nil {
		t.Fatalf("link up=%v: %v; %+v", up, err, r.Health())
	}
}

// soon is a context for what must happen in a test.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

const citizen = "13800000001"

func (r *rigged) send(t *testing.T, text, ext string) sms.Taken {
	t.Helper()
	taken, err := r.Send(soon(t), sms.Outgoing{ID: "m", To: citizen, Ext: ext, Text: text, Ref: 7})
	if err != nil {
		t.Fatalf("Send: %v", err)
	}
	return taken
}

// pieces is how many ids a text gets, or how many parts it comes in.
func (r *rigged) pieces(text string) int {
	if r.Whole {
		return 1
	}
	return sms.Segments(text)
}

func (r *rigged) texts(t *testing.T, n int) []Text {
	t.Helper()
	texts, err := r.WaitTexts(soon(t), n)
	if err != nil {
		t.Fatalf("texts at the carrier: %v", err)
	}
	return texts
}

func carriesOne(t *testing.T, r *rigged) {
	const text = "【热线】您反映的事项已办结,请回复1-5评价。"
	taken := r.send(t, text, "")
	if taken.Segments != 1 || len(taken.CarrierIDs) != 1 {
		t.Errorf("taken as %+v, want one segment with an id", taken)
	}
	got := r.texts(t, 1)[0]
	if got.Text != text || got.To != citizen {
		t.Errorf("carrier has %q for %s", got.Text, got.To)
	}
	receipts, err := r.Sink.Receipts(soon(t), 1)
	if err != nil {
		t.Fatalf("receipt: %v", err)
	}
	rc := receipts[0]
	if rc.Status != sms.Delivered || rc.CarrierID != taken.CarrierIDs[0] || rc.Phone != citizen || rc.Link != r.Health().Link {
		t.Errorf("receipt %+v for %v", rc, taken.CarrierIDs)
	}
	if rc.Raw == "" || rc.DoneAt.IsZero() {
		t.Errorf("receipt says neither code nor time: %+v", rc)
	}
}

func carriesLong(t *testing.T, r *rigged) {
	text := "【热线】" + strings.Repeat("办结😀", 60)
	taken := r.send(t, text, "")
	if want := sms.Segments(text); taken.Segments != want || len(taken.CarrierIDs) != r.pieces(text) {
		t.Errorf("taken as %+v, want %d segments", taken, want)
	}
	if got := r.texts(t, 1)[0]; got.Text != text {
		t.Errorf("carrier joined %q", got.Text)
	}
}

func carriesMany(t *testing.T, r *rigged) {
	const texts = 200
	var all sync.WaitGroup
	for range texts {
		all.Go(func() {
			if _, err := r.Send(t.Context(), sms.Outgoing{ID: "m", To: citizen, Text: "您好"}); err != nil {
				t.Errorf("Send: %v", err)
			}
		})
	}
	all.Wait()
	if got := r.texts(t, texts); len(got) != texts {
		t.Errorf("carrier has %d texts, want %d", len(got), texts)
	}
	if _, err := r.Sink.Receipts(soon(t), texts); err != nil {
		t.Errorf("receipts: %v", err)
	}
}

func bringsExtension(t *testing.T, r *rigged) {
	r.send(t, "请评价", "07")
	from := r.texts(t, 1)[0].From
	if err := r.Deliver(soon(t), citizen, from, "１"); err != nil {
		t.Fatalf("Deliver: %v", err)
	}
	parts, err := r.Sink.Parts(soon(t), 1)
	if err != nil {
		t.Fatalf("incoming: %v", err)
	}
	p, ext := parts[0], "07"
	if r.NoExt {
		ext = ""
	}
	if p.Ext != ext || p.From != citizen || p.Text != "１" || p.Concat.IsPart() || p.ID == "" && p.Hash == "" {
		t.Errorf("came in as %+v", p)
	}
}

func bringsLong(t *testing.T, r *rigged) {
	r.send(t, "请说明", "")
	from := r.texts(t, 1)[0].From
	text := strings.Repeat("路灯不亮,", 40)
	if err := r.Deliver(soon(t), citizen, from, text); err != nil {
		t.Fatalf("Deliver: %v", err)
	}
	parts, err := r.Sink.Parts(soon(t), r.pieces(text))
	if err != nil {
		t.Fatalf("incoming: %v", err)
	}
	slices.SortFunc(parts, func(a, b sms.Part) int { return a.Concat.Seq - b.Concat.Seq })
	var whole strings.Builder
	for i, p := range parts {
		numbered := p.Concat.Seq == i+1 && p.Concat.Total == len(parts) && p.Concat.Ref == parts[0].Concat.Ref
		if r.Whole && p.Concat.IsPart() || !r.Whole && !numbered {
			t.Errorf("part %d is numbered %+v", i+1, p.Concat)
		}
		whole.WriteString(p.Text)
	}
	if whole.String() != text {
		t.Errorf("parts say %q", whole.String())
	}
}

func bringsAgain(t *testing.T, r *rigged) {
	r.Tune(func(k *Knobs) { k.RetryAfter = 20 * time.Millisecond })
	r.FailNext(1)
	if err := r.Deliver(soon(t), citizen, "1069012345", "2"); err != nil {
		t.Fatalf("Deliver: %v", err)
	}
	if parts, err := r.Sink.Parts(soon(t), 1); err != nil || len(parts) != 1 {
		t.Errorf("stored %d, %v; want the second try", len(parts), err)
	}
}

// faultOf sends a text and returns how it failed.
func (r *rigged) faultOf(t *testing.T) *sms.SendError {
	t.Helper()
	_, err := r.Send(soon(t), sms.Outgoing{ID: "m", To: citizen, Text: "您好"})
	return faultIn(t, err)
}

func faultIn(t testing.TB, err error) *sms.SendError {
	t.Helper()
	var fault *sms.SendError
	if !errors.As(err, &fault) {
		t.Fatalf("Send gave %v, want a *sms.SendError", err)
	}
	return fault
}

func tellsFaults(t *testing.T, r *rigged) {
	r.Tune(func(k *Knobs) { k.Throttle = 1 })
	if r.NoThrottle {
		r.Tune(func(k *Knobs) { k.Throttle = 0 })
	} else if got := r.faultOf(t); got.Fault != sms.Throttled || got.Code == "" {
		t.Errorf("too fast: %+v", got)
	}
	r.Tune(func(k *Knobs) { k.Refuse = r.Never })
	if got := r.faultOf(t); got.Fault != sms.Permanent || got.Code == "" {
		t.Errorf("bad number: %+v", got)
	}
	r.Tune(func(k *Knobs) { k.Refuse = r.Later })
	if got := r.faultOf(t); got.Fault != sms.Temporary || got.Code == "" {
		t.Errorf("not now: %+v", got)
	}
	r.stop()
	if got := r.faultOf(t); got.Fault != sms.Unreachable {
		t.Errorf("link down: %+v", got)
	}
}

func tellsUnknown(t *testing.T, r *rigged, clock *HeldClock) {
	r.Tune(func(k *Knobs) { k.DropAnswers = 100 }) // a stack may ask again before the link's patience ends
	got := clock.Unanswered(t, r, citizen, func() {
		if got := r.texts(t, 1); len(got) != 1 {
			t.Errorf("carrier has %d texts", len(got))
		}
	})
	if got.Fault != sms.Unknown {
		t.Errorf("no answer: %+v", got)
	}
}
