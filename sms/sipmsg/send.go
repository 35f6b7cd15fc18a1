package sipmsg

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/oklog/ulid/v2"

	"hotline/sms"
)

// mostByUDP is the longest request that goes by UDP, in octets (RFC 3261 §18.1.1).
const mostByUDP = 1300

// proofRoom is what a digest takes of a request beside what it repeats of the challenge.
const proofRoom = 300

// Why a text is not sent.
var (
	errDown      = errors.New("link is down")
	errNotServed = errors.New("not a number of this link")
	errAbsent    = errors.New("the phone does not say that it is there")
	errSilent    = errors.New("no answer in time")
)

func failed(f sms.Fault, err error) *sms.SendError { return &sms.SendError{Fault: f, Err: err} }

// Send is sms.Transport. The text is one message, whatever its length, and its id is its
// Call-ID; segments are only counted.
func (l *Link) Send(ctx context.Context, out sms.Outgoing) (sms.Taken, error) {
	p, ok := l.book.phones[out.To]
	if !ok {
		return sms.Taken{}, failed(sms.Unreachable, errNotServed)
	}
	select {
	case l.seats <- struct{}{}:
		defer func() { <-l.seats }()
	case <-ctx.Done():
		return sms.Taken{}, failed(sms.Unreachable, context.Cause(ctx))
	}
	l.mu.Lock()
	s := l.stack
	l.mu.Unlock()
	if s == nil {
		return sms.Taken{}, failed(sms.Unreachable, errDown)
	}
	req := s.message(p, out)
	if fault := s.reach(ctx, p, req); fault != nil {
		return sms.Taken{}, fault
	}
	res, fault := s.submit(ctx, p, req)
	if fault != nil {
		return sms.Taken{}, fault
	}
	taken := sms.Taken{CarrierIDs: []string{string(*req.CallID())}, Segments: sms.Segments(out.Text)}
	if res.StatusCode != sip.StatusAccepted { // whoever accepts it passes it on, and tells no more
		l.delivered(ctx, sms.Receipt{
			Link: l.cfg.Name, CarrierID: taken.CarrierIDs[0], Phone: p.number, Status: sms.Delivered,
			Raw: raw(res.StatusCode), DoneAt: l.cfg.Clock.Now(),
		})
	}
	return taken, nil
}

// submit sends a text and counts how that ended.
func (s *stack) submit(ctx context.Context, p phone, req *sip.Request) (*sip.Response, *sms.SendError) {
	l, began := s.link, s.link.cfg.Clock.Now()
	l.meter.Count(func(st *sms.LinkStats) { st.Submits++ })
	res, fault := s.prove(ctx, p, req)
	switch {
	case fault != nil && fault.Fault == sms.Unknown:
		l.meter.Count(func(st *sms.LinkStats) { st.Timeouts++ })
		return nil, fault
	case fault != nil: // nothing was written
		return nil, fault
	}
	if !res.IsSuccess() {
		fault = &sms.SendError{Fault: faultOf(res.StatusCode), Code: raw(res.StatusCode), Err: fmt.Errorf("%d %s", res.StatusCode, res.Reason)}
	}
	l.meter.Answered(l.cfg.Clock.Now().Sub(began), fault)
	return res, fault
}

// delivered queues a receipt.
func (l *Link) delivered(ctx context.Context, r sms.Receipt) {
	l.meter.Count(func(st *sms.LinkStats) { st.Receipts++ })
	select {
	case l.receipts <- r:
	case <-ctx.Done():
		l.cfg.Log.WarnContext(ctx, "receipt not stored", "text", r.CarrierID)
	}
}

// message is a text as a request, complete and with the network it goes by.
func (s *stack) message(p phone, out sms.Outgoing) *sip.Request {
	req := s.request(sip.MESSAGE, p)
	if out.Validity > 0 {
		req.AppendHeader(sip.NewHeader("Expires", strconv.Itoa(int(out.Validity/time.Second))))
	}
	req.AppendHeader(sip.NewHeader("Content-Type", "text/plain;charset=UTF-8"))
	req.SetBody([]byte(out.Text))
	s.route(req, p.network, len(req.String()))
	return req
}

// request is a request without a body to a phone.
func (s *stack) request(method sip.RequestMethod, p phone) *sip.Request {
	req := sip.NewRequest(method, *p.uri.Clone())
	us := sip.Uri{Scheme: p.uri.Scheme, User: s.link.cfg.Number, Host: s.at.Addr().String(), Port: int(s.at.Port())}
	from := &sip.FromHeader{Address: us}
	from.Params.Add("tag", sip.GenerateTagN(16))
	id, hops := sip.CallIDHeader(ulid.Make().String()), sip.MaxForwardsHeader(70)
	req.AppendHeader(from)
	req.AppendHeader(&sip.ToHeader{Address: sip.Uri{Scheme: p.uri.Scheme, User: p.uri.User, Host: p.uri.Host, Port: p.uri.Port}})
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: 1, MethodName: method})
	req.AppendHeader(&hops)
	req.SetBody(nil)
	s.route(req, p.network, 0)
	return req
}

// route sets the network of a request of some length, and the Via that goes with it.
func (s *stack) route(req *sip.Request, network string, size int) {
	if network == overUDP && size > mostByUDP {
		network = overTCP
	}
	req.Laddr = sip.Addr{}
	if network == overUDP { // from the socket that phones answer to
		req.Laddr = sip.Addr{IP: s.at.Addr().AsSlice(), Port: int(s.at.Port())}
	}
	req.SetTransport(network)
	req.RemoveHeader("Via")
	_ = sipgo.ClientRequestAddVia(s.client, req) // never fails
}

// reach makes sure that there is somebody to send to, before a word of the text is written.
func (s *stack) reach(ctx context.Context, p phone, req *sip.Request) *sms.SendError {
	connecting, cancel := s.link.within(ctx, s.link.cfg.Connect)
	defer cancel()
	addr, err := resolve(connecting, p.host)
	if err != nil {
		return failed(sms.Unreachable, err)
	}
	req.SetDestination(addr.String())
	if network := req.Transport(); network != overUDP {
		return s.connect(connecting, p, network, addr.String())
	}
	l := s.link
	l.mu.Lock()
	fresh := l.cfg.Clock.Now().Sub(l.seen[p.number]) < l.cfg.Fresh
	l.mu.Unlock()
	if fresh {
		return nil
	}
	asking, cancel := l.within(ctx, l.cfg.Probe)
	defer cancel()
	ask := s.request(sip.OPTIONS, p)
	ask.SetDestination(addr.String())
	if _, fault := s.exchange(asking, p, ask); fault != nil {
		l.count(func(st *Stats) { st.Absent++ })
		return failed(sms.Unreachable, errAbsent)
	}
	return nil
}

// connect opens a connection to a phone unless there is one.
func (s *stack) connect(ctx context.Context, p phone, network, addr string) *sms.SendError {
	if conn, err := s.ua.TransportLayer().GetConnection(network, addr); err == nil {
		_, _ = conn.TryClose() // asking counted as using it
		return nil
	}
	if err := s.lines[network].dial(ctx, addr, p.uri.Host); err != nil {
		s.link.meter.Count(func(st *sms.LinkStats) { st.Failures++ })
		return failed(sms.Unreachable, err)
	}
	return nil
}

// resolve finds the address of a phone.
func resolve(ctx context.Context, host string) (netip.AddrPort, error) {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return netip.AddrPort{}, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return netip.AddrPortFrom(ips[0].Unmap(), uint16(n)), err
}

// prove sends a text, and once more with the proof if one is asked for.
func (s *stack) prove(ctx context.Context, p phone, req *sip.Request) (*sip.Response, *sms.SendError) {
	ctx, cancel := s.link.within(ctx, s.link.cfg.Response)
	defer cancel()
	res, fault := s.exchange(ctx, p, req)
	if fault != nil || s.link.cfg.User == "" {
		return res, fault
	}
	challenge := res.GetHeader(map[int]string{401: "WWW-Authenticate", 407: "Proxy-Authenticate"}[res.StatusCode])
	if challenge == nil {
		return res, nil
	}
	if s.route(req, p.network, len(req.String())+len(challenge.Value())+proofRoom); req.Transport() != p.network {
		if fault := s.connect(ctx, p, req.Transport(), req.Destination()); fault != nil {
			return nil, fault
		}
	}
	tx, err := s.client.TransactionDigestAuth(ctx, req, res, sipgo.DigestAuth{Username: s.link.cfg.User, Password: s.link.cfg.Password})
	if err != nil {
		return nil, &sms.SendError{Fault: sms.Unreachable, Code: raw(res.StatusCode), Err: err}
	}
	return s.await(ctx, p, tx)
}

// exchange sends a request and waits for its final answer. What could not be written has
// reached nobody; what was written and is not answered may have.
func (s *stack) exchange(ctx context.Context, p phone, req *sip.Request) (*sip.Response, *sms.SendError) {
	tx, err := s.client.TransactionRequest(ctx, req)
	if err != nil {
		return nil, failed(sms.Unreachable, err)
	}
	return s.await(ctx, p, tx)
}

func (s *stack) await(ctx context.Context, p phone, tx sip.ClientTransaction) (*sip.Response, *sms.SendError) {
	defer tx.Terminate()
	for {
		select {
		case res := <-tx.Responses():
			s.link.sawn(p)
			if !res.IsProvisional() {
				return res, nil
			}
		case <-tx.Done():
			return nil, failed(sms.Unknown, tx.Err())
		case <-ctx.Done():
			return nil, failed(sms.Unknown, context.Cause(ctx))
		}
	}
}

// sawn notes a sign of life of a phone.
func (l *Link) sawn(p phone) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[p.number] = l.cfg.Clock.Now()
}

// within bounds a context by the link's clock.
func (l *Link) within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := l.cfg.Clock.AfterFunc(d, func() { cancel(errSilent) })
	return ctx, func() { stop(); cancel(nil) }
}
