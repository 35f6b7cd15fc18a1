package smstest

import (
	"context"
	"crypto/md5"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// SoftphoneOptions say what a softphone is like. The zero value is one on UDP and TCP at
// any free port that asks nobody for a proof.
type SoftphoneOptions struct {
	Listen         string        // default 127.0.0.1:0
	TLS            *tls.Config   // with a certificate: it is reached by TLS too, at TLSAddr
	User, Password string        // asks whoever sends a text for this proof
	Hotline        func() string // host:port of the link that its texts go to
	Network        string        // its texts go by this, UDP, TCP or TLS; empty: UDP, or TCP where they are long
}

// Softphone is a simulated SIP phone that takes and writes texts (RFC 3428), for any number
// of numbers. Of the [Knobs] it knows Latency, DropAnswers, Refuse (a status, 202 too),
// Silent, Twice and RetryAfter. Safe for concurrent use.
type Softphone struct {
	opt    SoftphoneOptions
	ua     *sipgo.UserAgent
	client *sipgo.Client
	addr   *net.TCPAddr
	secure net.Listener
	stop   []func()
	serves sync.WaitGroup

	mu      sync.Mutex
	knobs   Knobs
	texts   []Text
	over    []string // the network each came by
	known   map[string]bool
	cseq    uint32
	changed chan struct{}
}

// NewSoftphone opens a softphone; Close ends it.
func NewSoftphone(opt SoftphoneOptions) (*Softphone, error) {
	if opt.Listen == "" {
		opt.Listen = "127.0.0.1:0"
	}
	p := &Softphone{opt: opt, known: map[string]bool{}, changed: make(chan struct{})}
	if err := p.open(); err != nil {
		p.Close()
		return nil, fmt.Errorf("softphone: %w", err)
	}
	return p, nil
}

func (p *Softphone) open() error {
	port, udp, err := listenBoth(p.opt.Listen)
	if err != nil {
		return err
	}
	p.stop = append(p.stop, func() { _ = port.Close() }, func() { _ = udp.Close() })
	p.addr = port.Addr().(*net.TCPAddr)
	quiet := slog.New(slog.DiscardHandler)
	p.ua, err = sipgo.NewUA(sipgo.WithUserAgent("softphone"), sipgo.WithUserAgenTLSConfig(p.opt.TLS),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(quiet), sip.WithTransportLayerReadFilter(p.hear)),
		sipgo.WithUserAgentTransactionLayerOptions(sip.WithTransactionLayerLogger(quiet),
			sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {})))
	if err != nil {
		return err
	}
	if p.client, err = sipgo.NewClient(p.ua, sipgo.WithClientLogger(quiet),
		sipgo.WithClientHostname(p.addr.IP.String()), sipgo.WithClientPort(p.addr.Port)); err != nil {
		return err
	}
	srv, err := sipgo.NewServer(p.ua, sipgo.WithServerLogger(quiet))
	if err != nil {
		return err
	}
	srv.OnMessage(p.take)
	srv.OnOptions(func(req *sip.Request, tx sip.ServerTransaction) {
		_ = tx.Respond(sip.NewResponseFromRequest(req, 200, "OK", nil)) // whoever misses it asks again
	})
	tp := p.ua.TransportLayer()
	p.serves.Go(func() { _ = tp.ServeUDP(udp) }) // these end when the sockets close
	p.serves.Go(func() { _ = tp.ServeTCP(port) })
	if p.opt.TLS != nil {
		if p.secure, err = tls.Listen("tcp", net.JoinHostPort(p.addr.IP.String(), "0"), p.opt.TLS); err != nil {
			return err
		}
		p.stop = append(p.stop, func() { _ = p.secure.Close() })
		p.serves.Go(func() { _ = tp.ServeTLS(p.secure) })
	}
	for {
		if _, err := tp.GetConnection("udp", p.addr.String()); err == nil {
			return nil
		}
		runtime.Gosched()
	}
}

// Addr is where it is reached by UDP and TCP, host:port.
func (p *Softphone) Addr() string { return p.addr.String() }

// TLSAddr is where it is reached by TLS; only with a certificate.
func (p *Softphone) TLSAddr() string { return p.secure.Addr().String() }

// Close ends it.
func (p *Softphone) Close() {
	for _, stop := range p.stop {
		stop()
	}
	if p.ua != nil {
		_ = p.ua.Close()
	}
	p.serves.Wait()
}

// Disconnect drops its connections without a word.
func (p *Softphone) Disconnect() {
	for _, network := range []string{"tcp", "tls"} {
		_ = p.ua.TransportLayer().Pool(network).Clear()
	}
}

// Tune changes how it behaves from now on.
func (p *Softphone) Tune(change func(*Knobs)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.knobs)
}

// WaitTexts returns the texts it has shown once there are n of them.
func (p *Softphone) WaitTexts(ctx context.Context, n int) ([]Text, error) {
	err := until(ctx, &p.mu, &p.changed, func() bool { return len(p.texts) >= n })
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Text{}, p.texts...), err
}

// Networks are what the texts came by: UDP, TCP or TLS each.
func (p *Softphone) Networks() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.over...)
}

// hear drops all that comes in while it is silent.
func (p *Softphone) hear(_ sip.TransportReadProps, data []byte) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.knobs.Silent {
		return nil, nil
	}
	return data, nil
}

// take shows a text and answers it as the knobs say.
func (p *Softphone) take(req *sip.Request, tx sip.ServerTransaction) {
	if p.opt.Password != "" && !p.proves(req) {
		res := sip.NewResponseFromRequest(req, 401, "Unauthorized", nil)
		res.AppendHeader(sip.NewHeader("WWW-Authenticate", `Digest realm="phones", nonce="`+phoneNonce+`", algorithm=MD5`))
		_ = tx.Respond(res)
		return
	}
	p.mu.Lock()
	k := p.knobs
	if k.DropAnswers > 0 {
		p.knobs.DropAnswers--
	}
	status := 200
	if k.Refuse != 0 {
		status = int(k.Refuse)
	}
	if id := fmt.Sprintf("%s %d", req.CallID().Value(), req.CSeq().SeqNo); status < 300 && !p.known[id] {
		p.known[id] = true
		p.over = append(p.over, req.Transport())
		p.texts = append(p.texts, Text{
			ID: req.CallID().Value(), IDs: []string{req.CallID().Value()}, At: time.Now(),
			From: req.From().Address.User, To: req.Recipient.User, Text: string(req.Body()),
		})
		close(p.changed)
		p.changed = make(chan struct{})
	}
	p.mu.Unlock()
	if k.DropAnswers > 0 {
		return
	}
	if k.Latency > 0 {
		<-time.After(k.Latency)
	}
	_ = tx.Respond(sip.NewResponseFromRequest(req, status, "", nil)) // whoever misses it asks again
}

// phoneNonce is what a proof is made of beside the password.
const phoneNonce = "84f1c1ae6cbe5ua9c8e88dfa3ecm3459"

// proves reports whether a request knows the password (RFC 2617 without qop).
func (p *Softphone) proves(req *sip.Request) bool {
	h := req.GetHeader("Authorization")
	if h == nil {
		return false
	}
	said := map[string]string{}
	for _, part := range strings.Split(strings.TrimPrefix(h.Value(), "Digest "), ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		said[k] = strings.Trim(v, `"`)
	}
	sum := func(s string) string { h := md5.Sum([]byte(s)); return hex.EncodeToString(h[:]) }
	want := sum(sum(p.opt.User+":phones:"+p.opt.Password) + ":" + phoneNonce + ":" + sum("MESSAGE:"+said["uri"]))
	return said["username"] == p.opt.User && said["nonce"] == phoneNonce && said["response"] == want
}

// Deliver writes a text from one of its numbers to the hotline and returns when that has
// answered 2xx. What is refused for now is sent again; [ErrRefused] tells of the rest.
func (p *Softphone) Deliver(ctx context.Context, from, to, text string) error {
	p.mu.Lock()
	k := p.knobs
	p.mu.Unlock()
	req := p.Message(from, to, text)
	for tries := 1; ; tries++ {
		res, err := p.Do(ctx, req.Clone())
		if err == nil && k.Twice {
			res, err = p.Do(ctx, req.Clone())
		}
		switch {
		case err != nil:
			return fmt.Errorf("softphone: %w", err)
		case res.IsSuccess():
			return nil
		case !res.IsServerError() || tries >= maxTries:
			return fmt.Errorf("%w: %d %s", ErrRefused, res.StatusCode, res.Reason)
		}
		select {
		case <-time.After(max(k.RetryAfter, time.Millisecond)):
		case <-ctx.Done():
			return fmt.Errorf("softphone: %w", context.Cause(ctx))
		}
	}
}

// Message is a text as a request that was not sent yet, for tests to change.
func (p *Softphone) Message(from, to, text string) *sip.Request {
	host, port, _ := sip.ParseAddr(p.opt.Hotline())
	req := sip.NewRequest(sip.MESSAGE, sip.Uri{Scheme: "sip", User: to, Host: host, Port: port})
	p.mu.Lock()
	p.cseq++
	cseq := p.cseq
	p.mu.Unlock()
	sender := &sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: from, Host: p.addr.IP.String(), Port: p.addr.Port}}
	sender.Params.Add("tag", sip.GenerateTagN(16))
	id := sip.CallIDHeader(sip.GenerateTagN(20))
	req.AppendHeader(sender)
	req.AppendHeader(&sip.ToHeader{Address: sip.Uri{Scheme: "sip", User: to, Host: host}})
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: cseq, MethodName: sip.MESSAGE})
	req.AppendHeader(sip.NewHeader("Content-Type", "text/plain;charset=UTF-8"))
	req.SetBody([]byte(text))
	return req
}

// Do sends a request and returns the final answer.
func (p *Softphone) Do(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	network := p.opt.Network
	if network == "" {
		network = "UDP"
		if len(req.String()) > 1100 {
			network = "TCP"
		}
	}
	if req.SetTransport(network); network == "UDP" {
		req.Laddr = sip.Addr{IP: p.addr.IP, Port: p.addr.Port}
	}
	return p.client.Do(ctx, req)
}
