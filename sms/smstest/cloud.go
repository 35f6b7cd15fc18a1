package smstest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"hotline/sms"
)

// The styles of HTTP interface a [Cloud] can have; each is one of httpapi.Ready.
const (
	CloudAliyun  = "aliyun"
	CloudTencent = "tencent"
	CloudPlain   = "plain"
)

// The statuses [Knobs].Refuse knows at a Cloud, which has words for them.
const (
	CloudLater = 9  // a limit of this receiver
	CloudNever = 13 // no number
	cloudBusy  = 429
)

// cloudNumber is what texts come from; the hotline has no say in it.
const cloudNumber = "106900000000"

// Cloud is a simulated carrier with an HTTP interface. It checks every signature, with the
// functions of package httpapi, whose tests check those against published examples. What it
// has to say is called back and kept to be pulled as well. Safe for concurrent use.
type Cloud struct {
	c     *centre // the record and the knobs
	style cloudStyle

	mu       sync.Mutex
	callback string // where to; empty: everything waits to be pulled
	seen     bool   // somebody asked
	server   *http.Server
	ln       net.Listener
	conns    map[net.Conn]struct{}
	news     []*news          // kept to be pulled
	queue    []*news          // to be called back
	states   map[string]*news // receipts by id of the submit
	nonces   map[string]bool  // that were used
	more     chan struct{}    // one slot
	running  context.Context  // of the callbacks
	stop     func()           // ends them
	done     sync.WaitGroup
	byID     map[string]Submit // with the hotline's own id
}

// cloudStyle is what interfaces do differently.
type cloudStyle interface {
	protocol
	// serve answers one request of the hotline.
	serve(c *Cloud, r cloudRequest)
	// callback is one thing as it is called back.
	callback(n *news) (kind string, body []byte)
}

// cloudRequest is a request with its body, and where it is answered.
type cloudRequest struct {
	*http.Request
	body []byte
	w    http.ResponseWriter
}

// NewCloud makes a cloud of a style that is not listening yet. Options.SystemID is the
// account's key and Options.Password its secret.
func NewCloud(opt Options, style string) (*Cloud, error) {
	styles := map[string]cloudStyle{CloudAliyun: cloudAliyun{}, CloudTencent: cloudTencent{}, CloudPlain: cloudPlain{}}
	s, ok := styles[style]
	if !ok {
		return nil, fmt.Errorf("carrier: no style %q of HTTP interface", style)
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Cloud{
		c: newCentre(opt, s), style: s, conns: map[net.Conn]struct{}{}, states: map[string]*news{}, nonces: map[string]bool{},
		more: make(chan struct{}, 1), running: ctx, stop: cancel, byID: map[string]Submit{},
	}, nil
}

// Listen opens the port, such as "127.0.0.1:0", and serves it until Close.
func (c *Cloud) Listen(addr string) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("carrier: %w", err)
	}
	server := &http.Server{Handler: http.HandlerFunc(c.serve), ReadHeaderTimeout: time.Minute, ConnState: c.note}
	c.mu.Lock()
	c.ln, c.server = ln, server
	c.mu.Unlock()
	c.done.Go(func() { _ = server.Serve(ln) })
	c.done.Go(c.push)
	return nil
}

// CallBack says where receipts and texts are called back: the URL before /receipts and
// /texts.
func (c *Cloud) CallBack(url string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.callback = url
	nudge(c.more)
}

// Addr is the address it listens on; empty before Listen.
func (c *Cloud) Addr() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ln == nil {
		return ""
	}
	return c.ln.Addr().String()
}

// Close hangs up on everybody and ends all goroutines. It may be called twice.
func (c *Cloud) Close() error {
	c.stop()
	c.mu.Lock()
	server := c.server
	c.mu.Unlock()
	if server == nil {
		return nil
	}
	err := server.Close()
	c.done.Wait()
	return err
}

// Tune changes how it behaves from now on.
func (c *Cloud) Tune(change func(*Knobs)) {
	c.c.Tune(change)
	if c.Knobs().Outage > 0 {
		c.Disconnect()
	}
}

// Knobs are how it behaves now.
func (c *Cloud) Knobs() Knobs { return c.c.Knobs() }

// OnWord has f told of every receipt once the hotline has taken or refused it; it must not
// block.
func (c *Cloud) OnWord(f func(Word)) { c.c.OnWord(f) }

// OnSubmit has f told of every text that was taken; it must not block.
func (c *Cloud) OnSubmit(f func(Text)) { c.c.OnSubmit(f) }

// Texts are the texts taken so far, in order.
func (c *Cloud) Texts() []Text { return c.c.Texts() }

// Submits are all texts as they were submitted: the carrier's own record.
func (c *Cloud) Submits() []Submit { return c.c.Submits() }

// WaitTexts returns the texts once there are n of them.
func (c *Cloud) WaitTexts(ctx context.Context, n int) ([]Text, error) { return c.c.WaitTexts(ctx, n) }

// Bound reports whether a hotline has shown up that can be called back.
func (c *Cloud) Bound() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen && c.callback != ""
}

// Disconnect drops every connection without a word.
func (c *Cloud) Disconnect() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.conns {
		_ = conn.Close()
	}
}

// Inject calls back with raw bytes: poison for a hotline to survive.
func (c *Cloud) Inject(raw []byte) {
	c.mu.Lock()
	to := c.callback
	c.mu.Unlock()
	for _, kind := range []string{"/receipts", "/texts"} {
		_, _ = c.post(to+kind, raw)
	}
}

// cloudSubmit is a text as one of the styles read it.
type cloudSubmit struct {
	ref, to, ext, signature, text string
}

// submit records a text and gives it its id.
func (c *Cloud) submit(s cloudSubmit) Submit {
	text := s.text
	if s.signature != "" {
		text = "【" + s.signature + "】" + text
	}
	sub := c.c.record(Submit{
		From: cloudNumber + s.ext, To: sms.PhoneOf(s.to), Text: text, Coding: sms.UCS2, Octets: len(text), Receipt: true, Ref: s.ref,
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byID[sub.ID] = sub
	return sub
}
