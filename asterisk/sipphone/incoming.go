package sipphone

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// ErrCancelled tells that the caller gave up while it rang.
var ErrCancelled = errors.New("sipphone: the caller gave up")

// ErrNoACK tells that our answer was never acknowledged; the call was hung up.
var ErrNoACK = errors.New("sipphone: answer not acknowledged")

var errSettled = errors.New("sipphone: call already answered or refused")

// Incoming is a call that rings. Whoever has it decides by Answer, Busy, Decline
// or Reject; nobody deciding, it rings until the caller gives up or three minutes
// have passed.
type Incoming struct {
	ID       string            // SIP Call-ID
	From     string            // user part of the From header: the number shown
	FromName string            // its display name
	PAI      string            // number of P-Asserted-Identity, "" without one
	To       string            // number dialled (Request-URI)
	Codec    Codec             // what will be spoken
	At       time.Time         // when the INVITE came, by Config.Now
	Headers  map[string]string // all headers of the INVITE; of several with one name, the first

	phone  *Phone
	req    *sip.Request
	tx     sip.ServerTransaction
	dialog *dialog
	offer  description
	ctx    context.Context
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	decided bool
	settled chan struct{} // closed when the transaction needs us no more
	once    sync.Once
}

// Serve hands every call that comes in to f, each in a goroutine of its own. f may
// keep the call beyond its return. Calls that came before are handed over first.
func (p *Phone) Serve(f func(*Incoming)) {
	p.mu.Lock()
	p.serve = f
	p.mu.Unlock()
	for {
		select {
		case in := <-p.calls:
			go f(in)
		default:
			return
		}
	}
}

// Next waits for a call to come in, for phones nobody serves.
func (p *Phone) Next(ctx context.Context) (*Incoming, error) {
	select {
	case in := <-p.calls:
		return in, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-p.ctx.Done():
		return nil, ErrClosed
	}
}

// longestRing is how long a call may ring without anyone deciding.
const longestRing = 3 * time.Minute

// onInvite runs for as long as the INVITE's transaction needs us.
func (p *Phone) onInvite(req *sip.Request, tx sip.ServerTransaction) {
	if req.To() != nil && req.To().Params.Has("tag") {
		p.onUpdate(req, tx)
		return
	}
	in, status, reason := p.receive(req, tx)
	if in == nil {
		p.answer(tx, sip.NewResponseFromRequest(req, status, reason, nil))
		return
	}
	if !p.deliver(in) {
		_ = in.Reject(480, "Temporarily Unavailable") // it is undecided, so this holds
	}
	in.await()
}

// receive reads an INVITE; without a call it says what to answer.
func (p *Phone) receive(req *sip.Request, tx sip.ServerTransaction) (in *Incoming, status int, reason string) {
	if State(p.state.Load()) == Refuses {
		return nil, 503, "Service Unavailable"
	}
	if req.From() == nil || req.To() == nil || req.CallID() == nil || req.Contact() == nil {
		return nil, 400, "Bad Request"
	}
	offer, err := parseSDP(req.Body())
	codec, ok := agree(offer.codecs, p.cfg.Codecs)
	if err != nil || !ok {
		return nil, 488, "Not Acceptable Here"
	}
	in = &Incoming{
		ID: req.CallID().Value(), From: req.From().Address.User, FromName: req.From().DisplayName,
		To: req.Recipient.User, Codec: codec, At: p.cfg.Now(), Headers: map[string]string{},
		phone: p, req: req, tx: tx, offer: offer, settled: make(chan struct{}),
	}
	for _, h := range req.Headers() {
		if _, seen := in.Headers[h.Name()]; !seen {
			in.Headers[h.Name()] = h.Value()
		}
	}
	if h := req.GetHeader("P-Asserted-Identity"); h != nil {
		in.PAI = userOf(h.Value())
	}
	in.dialog = in.newDialog()
	in.ctx, in.cancel = context.WithCancelCause(p.ctx)
	if !tx.OnCancel(func(*sip.Request) { in.gone(ErrCancelled) }) {
		return nil, 487, "Request Terminated"
	}
	return in, 0, ""
}

func (in *Incoming) newDialog() *dialog {
	d := &dialog{phone: in.phone, callID: in.ID, target: in.req.Contact().Address, cseq: 1}
	d.local = in.req.To().AsFrom()
	d.local.Params = d.local.Params.Clone()
	d.local.Params.Add("tag", newTag())
	d.remote = in.req.From().AsTo()
	d.route = recordRoute(in.req.GetHeaders("Record-Route"))
	d.dest = nextHop(d.target, d.route)
	return d
}

// deliver gives the call to whoever serves; false when nobody can take it.
func (p *Phone) deliver(in *Incoming) bool {
	p.mu.Lock()
	serve := p.serve
	p.mu.Unlock()
	if serve != nil {
		go serve(in)
		return true
	}
	select {
	case p.calls <- in:
		return true
	default:
		return false
	}
}

// await keeps the transaction alive until it is settled.
func (in *Incoming) await() {
	patience := time.NewTimer(longestRing)
	defer patience.Stop()
	select {
	case <-in.settled:
	case <-in.tx.Done():
		in.gone(ErrCancelled)
	case <-patience.C:
		_ = in.Reject(480, "Temporarily Unavailable") // settled meanwhile is as good
		in.wait()
	case <-in.phone.ctx.Done():
		_ = in.Reject(503, "Service Unavailable")
		in.wait()
	}
	in.cancel(nil)
}

// wait gives an answer that is under way the time to be acknowledged.
func (in *Incoming) wait() {
	select {
	case <-in.settled:
	case <-in.tx.Done():
	}
}

// gone ends a call that rings no more.
func (in *Incoming) gone(why error) {
	in.cancel(why)
	in.settle()
}

func (in *Incoming) settle() { in.once.Do(func() { close(in.settled) }) }

// Context ends when the caller gives up (cause ErrCancelled), the phone is closed
// (ErrClosed), or the call is settled.
func (in *Incoming) Context() context.Context { return in.ctx }

// Ring tells the caller that it rings.
func (in *Incoming) Ring() error {
	if err := in.tx.Respond(in.dialog.response(in.req, 180, "Ringing")); err != nil {
		return fmt.Errorf("sipphone: ring: %w", err)
	}
	return nil
}

// Busy answers 486.
func (in *Incoming) Busy() error { return in.Reject(486, "Busy Here") }

// Decline answers 603.
func (in *Incoming) Decline() error { return in.Reject(603, "Decline") }

// Reject refuses the call with a SIP status of 300 or more.
func (in *Incoming) Reject(status int, reason string) error {
	if err := in.decide(); err != nil {
		return err
	}
	defer in.settle()
	if err := in.tx.Respond(in.dialog.response(in.req, status, reason)); err != nil {
		return fmt.Errorf("sipphone: reject: %w", err)
	}
	return nil
}

// decide lets exactly one decision through.
func (in *Incoming) decide() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if err := context.Cause(in.ctx); err != nil {
		return err
	}
	if in.decided {
		return errSettled
	}
	in.decided = true
	return nil
}

// onUpdate answers what a far end asks about a call that is up: re-INVITE, UPDATE.
func (p *Phone) onUpdate(req *sip.Request, tx sip.ServerTransaction) {
	s := p.session(req)
	if s == nil {
		p.answer(tx, sip.NewResponseFromRequest(req, 481, "No Such Call", nil))
		return
	}
	p.answer(tx, s.again(req))
}

// userOf reads the number out of `"name" <sip:138@host>`, `<tel:138>` or a bare URI.
func userOf(value string) string {
	if _, rest, ok := strings.Cut(value, "<"); ok {
		value, _, _ = strings.Cut(rest, ">")
	}
	_, value, ok := strings.Cut(strings.TrimSpace(value), ":")
	if !ok {
		return ""
	}
	return value[:len(value)-len(strings.TrimLeft(value, "+0123456789*#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_."))]
}
