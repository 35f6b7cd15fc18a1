package sipphone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// Config is one phone. Only Addr has to be set.
type Config struct {
	Addr   string           // "127.0.0.1:0"; a real address, since SDP must name it
	Number string           // shown as the caller unless a call says otherwise; default "phone"
	Codecs []Codec          // offered and accepted, in this order; default PCMA alone
	Index  *Index           // prompts to recognise; nil recognises none
	Keep   time.Duration    // how much of each call an Ear keeps; default 5 minutes, about 2.5 MB
	Log    *slog.Logger     // default: none
	Now    func() time.Time // when frames and keys came; default the machine's clock
}

func (c Config) withDefaults() Config {
	if c.Number == "" {
		c.Number = "phone"
	}
	if len(c.Codecs) == 0 {
		c.Codecs = []Codec{PCMA}
	}
	if c.Keep == 0 {
		c.Keep = 5 * time.Minute
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// ErrClosed is the cause of what ends because the phone was closed.
var ErrClosed = errors.New("sipphone: phone closed")

// State is how a phone meets the world.
type State int32

// The states of a phone.
const (
	Up      State = iota // takes calls
	Refuses              // answers every call and probe with 503: a trunk that is down
	Silent               // hears nothing and says nothing: a trunk that is gone
)

// Phone is one SIP user agent at one UDP address. It holds any number of calls;
// all its methods are safe for concurrent use.
type Phone struct {
	cfg    Config
	addr   netip.AddrPort
	conn   net.PacketConn
	ua     *sipgo.UserAgent
	log    *slog.Logger
	state  atomic.Int32
	calls  chan *Incoming // rung while nobody serves
	ctx    context.Context
	cancel context.CancelCauseFunc
	runs   sync.WaitGroup
	unhook func() bool // from the context given to Listen
	closed sync.Once

	mu       sync.Mutex
	serve    func(*Incoming)
	sessions map[string]*Session // by Call-ID and our tag
	ringing  map[string]*Incoming
}

// waitingCalls is how many calls may ring while nobody takes them.
const waitingCalls = 64

// Listen opens a phone. It lives until ctx ends or Close is called.
func Listen(ctx context.Context, cfg Config) (*Phone, error) {
	cfg = cfg.withDefaults()
	for _, c := range cfg.Codecs {
		if _, err := newCoder(c); err != nil {
			return nil, err
		}
	}
	conn, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp4", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("sipphone: %w", err)
	}
	addr := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	if addr.Addr().IsUnspecified() {
		_ = conn.Close()
		return nil, fmt.Errorf("sipphone: %s: SDP needs an address others can send to", cfg.Addr)
	}
	if u, ok := conn.(*net.UDPConn); ok {
		// A hundred calls may ring within a few milliseconds.
		_ = u.SetReadBuffer(1 << 20)
	}
	p := &Phone{
		cfg: cfg, conn: conn, log: cfg.Log,
		addr:     netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()),
		calls:    make(chan *Incoming, waitingCalls),
		sessions: map[string]*Session{}, ringing: map[string]*Incoming{},
	}
	p.ctx, p.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	if err := p.open(); err != nil {
		_ = conn.Close()
		return nil, err
	}
	hooked := make(chan struct{})
	p.unhook = context.AfterFunc(ctx, func() { <-hooked; p.Close() })
	close(hooked)
	return p, nil
}

// open starts the SIP stack on the socket and waits until it can send from it.
func (p *Phone) open() error {
	// The stack logs whole messages, numbers included; what matters of them is
	// logged here, masked.
	quiet := slog.New(slog.DiscardHandler)
	ua, err := sipgo.NewUA(
		sipgo.WithUserAgent("hotline-sipphone"),
		sipgo.WithUserAgentTransportLayerOptions(
			sip.WithTransportLayerLogger(quiet), sip.WithTransportLayerReadFilter(p.filter)),
		sipgo.WithUserAgentTransactionLayerOptions(
			sip.WithTransactionLayerLogger(quiet),
			sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {})),
	)
	if err != nil {
		return fmt.Errorf("sipphone: %w", err)
	}
	srv, err := sipgo.NewServer(ua, sipgo.WithServerLogger(quiet))
	if err != nil {
		return fmt.Errorf("sipphone: %w", err)
	}
	p.ua = ua
	p.handle(srv)
	p.runs.Go(func() { _ = ua.TransportLayer().ServeUDP(p.conn) }) // returns when the socket closes
	for {
		if _, err := ua.TransportLayer().GetConnection("udp", p.addr.String()); err == nil {
			return nil
		}
		runtime.Gosched()
	}
}

// handle says what is done with each kind of request.
func (p *Phone) handle(srv *sipgo.Server) {
	srv.OnInvite(p.onInvite)
	srv.OnAck(func(req *sip.Request, _ sip.ServerTransaction) {
		if s := p.session(req); s != nil {
			s.acknowledged()
		}
	})
	srv.OnBye(func(req *sip.Request, tx sip.ServerTransaction) {
		s := p.session(req)
		if s == nil {
			p.answer(tx, sip.NewResponseFromRequest(req, 481, "No Such Call", nil))
			return
		}
		cause, text := reasonOf(req)
		ok := func() { p.answer(tx, sip.NewResponseFromRequest(req, 200, "OK", nil)) }
		if !s.endAfter(ok, &Ended{By: Them, Cause: cause, Text: text}) {
			ok() // our own BYE crossed this one
		}
	})
	srv.OnCancel(func(req *sip.Request, tx sip.ServerTransaction) {
		// Those that match a ringing call never get here.
		p.answer(tx, sip.NewResponseFromRequest(req, 481, "No Such Call", nil))
	})
	srv.OnOptions(func(req *sip.Request, tx sip.ServerTransaction) {
		if State(p.state.Load()) == Refuses {
			p.answer(tx, sip.NewResponseFromRequest(req, 503, "Service Unavailable", nil))
			return
		}
		p.answer(tx, sip.NewResponseFromRequest(req, 200, "OK", nil))
	})
	srv.OnUpdate(p.onUpdate)
	srv.OnInfo(func(req *sip.Request, tx sip.ServerTransaction) {
		p.answer(tx, sip.NewResponseFromRequest(req, 200, "OK", nil))
	})
}

// filter drops what comes in while the phone is silent, before anything answers it.
func (p *Phone) filter(_ sip.TransportReadProps, data []byte) ([]byte, error) {
	if State(p.state.Load()) == Silent {
		return nil, nil
	}
	return data, nil
}

// answer sends a response outside of a call. When it is lost, the far end asks again.
func (p *Phone) answer(tx sip.ServerTransaction, res *sip.Response) {
	if err := tx.Respond(res); err != nil {
		p.log.Debug("SIP response not sent", "status", res.StatusCode, "error", err)
	}
}

// Addr is the address the phone listens at, "127.0.0.1:49152".
func (p *Phone) Addr() string { return p.addr.String() }

// URI is how to call a number at this phone: "sip:110@127.0.0.1:49152".
func (p *Phone) URI(number string) string { return "sip:" + number + "@" + p.addr.String() }

// SetState makes the phone refuse, fall silent or come back. Calls that are up
// stay up; a silent phone does not hear their BYE.
func (p *Phone) SetState(s State) { p.state.Store(int32(s)) }

// State tells how the phone meets the world at the moment.
func (p *Phone) State() State { return State(p.state.Load()) }

// Sessions lists the calls that are up.
func (p *Phone) Sessions() []*Session {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]*Session, 0, len(p.sessions))
	for _, s := range p.sessions {
		out = append(out, s)
	}
	return out
}

// Close hangs up all calls and frees the address. It returns once every goroutine
// of the phone has ended, but does not wait for functions given to Serve.
func (p *Phone) Close() { p.closed.Do(p.shut) }

func (p *Phone) shut() {
	p.cancel(ErrClosed)
	p.unhook()
	var byes sync.WaitGroup
	for _, s := range p.Sessions() {
		byes.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_ = s.Hangup(ctx) // whoever does not answer BYE within a second is gone
		})
	}
	byes.Wait()
	_ = p.ua.Close()
	_ = p.conn.Close()
	p.runs.Wait()
}

// session finds the call a request belongs to by Call-ID and our tag.
func (p *Phone) session(req *sip.Request) *Session {
	if req.CallID() == nil || req.To() == nil {
		return nil
	}
	tag, _ := req.To().Params.Get("tag")
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sessions[req.CallID().Value()+" "+tag]
}

func (p *Phone) keep(s *Session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions[s.dialog.key()] = s
}

func (p *Phone) forget(s *Session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sessions, s.dialog.key())
}

// contact is where requests of a call should be sent to.
func (p *Phone) contact(user string) *sip.ContactHeader {
	return &sip.ContactHeader{Address: p.uri(user)}
}

func (p *Phone) uri(user string) sip.Uri {
	return sip.Uri{Scheme: "sip", User: user, Host: p.addr.Addr().String(), Port: int(p.addr.Port())}
}

func (p *Phone) via() *sip.ViaHeader {
	v := &sip.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: "UDP",
		Host: p.addr.Addr().String(), Port: int(p.addr.Port()),
	}
	v.Params.Add("branch", sip.GenerateBranch())
	return v
}

func newTag() string { return strconv.FormatUint(rand.Uint64(), 36) }
