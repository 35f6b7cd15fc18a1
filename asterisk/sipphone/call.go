package sipphone

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Rejected is a call that was not answered: the far end's final word.
type Rejected struct {
	Status int // 486 busy, 603 declined, 480 not there, 503 trunk down, 404 no such number
	Reason string
	Cause  int           // Q.850 from a Reason header; 16 when there was none
	After  time.Duration // from Retry-After; 0 when there was none
}

// Error gives status and words.
func (r *Rejected) Error() string {
	return fmt.Sprintf("sipphone: call rejected: %d %s", r.Status, r.Reason)
}

// ErrNoAnswer tells that nothing at all came back: nobody is at that address.
var ErrNoAnswer = errors.New("sipphone: no SIP answer")

// CallOptions say how a call is placed; the zero value calls from Config.Number.
type CallOptions struct {
	From     string            // number shown
	Name     string            // display name
	Headers  map[string]string // further headers of the INVITE, such as P-Asserted-Identity
	Progress func(status int)  // told of every 18x; must not block
	OnKey    func(KeyHeard)    // told of every key the far end presses; must not block
}

// Call places a call to "sip:12345@127.0.0.1:5060" and returns when it is
// answered. When it is not, the error is *Rejected or ErrNoAnswer. When ctx ends
// first the call is cancelled and the error is the context's cause; a call that
// is answered at that very moment is hung up, never left behind.
func (p *Phone) Call(ctx context.Context, to string, o CallOptions) (*Session, error) {
	if p.ctx.Err() != nil {
		return nil, ErrClosed
	}
	var target sip.Uri
	if err := sip.ParseUri(to, &target); err != nil {
		return nil, fmt.Errorf("sipphone: call %q: %w", to, err)
	}
	if o.From == "" {
		o.From = p.cfg.Number
	}
	m, err := openMedia(p.addr.Addr(), p.cfg)
	if err != nil {
		return nil, err
	}
	m.onKey = o.OnKey
	offer := description{addr: m.addr(), codecs: p.cfg.Codecs, keys: keysPayload}
	out := &outgoing{phone: p, media: m, offer: offer, o: o, req: p.invite(target, o, offer)}
	s, err := out.run(ctx)
	if err != nil {
		m.close()
		return nil, err
	}
	return s, nil
}

// invite builds the first request of a call.
func (p *Phone) invite(target sip.Uri, o CallOptions, offer description) *sip.Request {
	req := sip.NewRequest(sip.INVITE, target)
	from := &sip.FromHeader{DisplayName: o.Name}
	from.Address = sip.Uri{Scheme: "sip", User: o.From, Host: p.addr.Addr().String()}
	from.Params.Add("tag", newTag())
	id, hops := sip.CallIDHeader(newTag()+newTag()), sip.MaxForwardsHeader(70)
	aor := target.Clone()
	aor.UriParams, aor.Headers = nil, nil
	req.AppendHeader(p.via())
	req.AppendHeader(from)
	req.AppendHeader(&sip.ToHeader{Address: *aor})
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: 1, MethodName: sip.INVITE})
	req.AppendHeader(&hops)
	req.AppendHeader(p.contact(o.From))
	req.AppendHeader(sip.NewHeader("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO"))
	for _, name := range slices.Sorted(maps.Keys(o.Headers)) {
		req.AppendHeader(sip.NewHeader(name, o.Headers[name]))
	}
	withSDP(req, offer.write(1))
	p.prepare(req, destination(target))
	return req
}

// outgoing is a call we placed, until it is answered or not.
type outgoing struct {
	phone *Phone
	media *media
	offer description
	o     CallOptions
	req   *sip.Request
	tx    sip.ClientTransaction
	rang  bool // something came back, so that CANCEL may be sent
}

func (c *outgoing) run(ctx context.Context) (*Session, error) {
	tx, err := c.phone.ua.TransactionLayer().Request(ctx, c.req)
	if err != nil {
		return nil, fmt.Errorf("sipphone: send INVITE: %w", err)
	}
	c.tx = tx
	s, err := c.wait(ctx)
	if err != nil {
		tx.Terminate()
	}
	return s, err
}

// wait reads responses until one is final or the context ends.
func (c *outgoing) wait(ctx context.Context) (*Session, error) {
	for {
		select {
		case res := <-c.tx.Responses():
			switch {
			case res.IsProvisional():
				c.rang = true
				if c.o.Progress != nil && res.StatusCode > 100 {
					c.o.Progress(res.StatusCode)
				}
			case res.IsSuccess():
				return c.answered(res)
			default:
				cause, _ := reasonOf(res)
				return nil, &Rejected{Status: res.StatusCode, Reason: res.Reason, Cause: cause, After: retryAfter(res)}
			}
		case <-c.tx.Done():
			return nil, fmt.Errorf("%w: %w", ErrNoAnswer, c.tx.Err())
		case <-ctx.Done():
			return nil, c.giveUp(context.Cause(ctx))
		case <-c.phone.ctx.Done():
			return nil, c.giveUp(ErrClosed)
		}
	}
}

// Giving up must not take long, whatever the far end does: it has two seconds to
// say anything at all, and two to confirm the CANCEL.
const giveUpTime = 2 * time.Second

// giveUp sends CANCEL and waits for the INVITE's final answer. A 200 that crossed
// the CANCEL is acknowledged and hung up.
func (c *outgoing) giveUp(why error) error {
	patience := time.NewTimer(giveUpTime)
	defer patience.Stop()
	defer c.cancel()()
	for {
		select {
		case res := <-c.tx.Responses():
			switch {
			case res.IsProvisional():
				if !c.rang {
					c.rang = true
					defer c.cancel()() // at most once
				}
			case res.IsSuccess():
				if s, err := c.answered(res); err == nil {
					ctx, cancel := context.WithTimeout(context.Background(), giveUpTime)
					defer cancel()
					_ = s.Hangup(ctx) // the far end hears it or has gone
				}
				return why
			default:
				return why
			}
		case <-c.tx.Done():
			return why
		case <-patience.C:
			return why
		}
	}
}

// cancel sends CANCEL if it may be sent yet; it must carry the INVITE's own Via
// (RFC 3261, 9.1). It is repeated until it is confirmed or the returned function
// is called.
func (c *outgoing) cancel() (stop func()) {
	if !c.rang {
		return func() {}
	}
	req := sip.NewRequest(sip.CANCEL, *c.req.Recipient.Clone())
	for _, name := range []string{"Via", "From", "To", "Call-ID", "Max-Forwards", "Route"} {
		sip.CopyHeaders(name, c.req, req)
	}
	req.AppendHeader(&sip.CSeqHeader{SeqNo: c.req.CSeq().SeqNo, MethodName: sip.CANCEL})
	c.phone.prepare(req, destination(c.req.Recipient))
	tx, err := c.phone.ua.TransactionLayer().Request(context.Background(), req)
	if err != nil {
		c.phone.log.Debug("CANCEL not sent", "error", err)
		return func() {}
	}
	return tx.Terminate
}

// answered turns a 200 into a session. It is known to the phone before ACK goes
// out, since the far end may hang up at once; and ACK goes out whatever the 200
// holds, since the far end keeps a line open until it comes.
func (c *outgoing) answered(res *sip.Response) (*Session, error) {
	s := newSession(c.phone, c.dialog(res), c.media)
	s.inTx, s.local = c.tx, c.offer
	err := c.agree(s, res)
	if err == nil {
		c.phone.keep(s)
	}
	c.acknowledge(s)
	if err != nil {
		ctx, cancel := context.WithTimeout(context.Background(), giveUpTime)
		defer cancel()
		return nil, errors.Join(err, s.Hangup(ctx))
	}
	return s, nil
}

// dialog is what INVITE and 200 establish.
func (c *outgoing) dialog(res *sip.Response) *dialog {
	d := &dialog{phone: c.phone, callID: c.req.CallID().Value(), local: *c.req.From(), target: c.req.Recipient}
	d.cseq = c.req.CSeq().SeqNo
	if res.To() != nil {
		d.remote = *res.To()
	}
	if contact := res.Contact(); contact != nil {
		d.target = contact.Address
	}
	d.route = recordRoute(res.GetHeaders("Record-Route"))
	slices.Reverse(d.route)
	d.dest = nextHop(d.target, d.route)
	return d
}

// agree starts speech with the codec the far end chose.
func (c *outgoing) agree(s *Session, res *sip.Response) error {
	answer, err := parseSDP(res.Body())
	if err != nil {
		return err
	}
	codec, ok := agree(answer.codecs, c.offer.codecs)
	if !ok {
		return errors.New("sipphone: far end answered with no codec of ours")
	}
	s.local.codecs = []Codec{codec}
	a := agreed{codec: codec, keys: []uint8{answer.keys, keysPayload}, remote: answer.addr}
	return c.media.start(a, c.phone.cfg)
}

// acknowledge sends ACK now and whenever the 200 comes again.
func (c *outgoing) acknowledge(s *Session) {
	send := func() {
		ack := s.dialog.request(sip.ACK, c.req.CSeq().SeqNo)
		if err := c.phone.ua.TransportLayer().WriteMsg(ack); err != nil {
			c.phone.log.Debug("ACK not sent", "error", err)
		}
	}
	c.tx.OnRetransmission(func(*sip.Response) { send() })
	send()
}
