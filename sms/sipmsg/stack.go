package sipmsg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"sync"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"hotline/sms"
)

// stack is a link that listens: its sockets and the SIP stack on them.
type stack struct {
	link   *Link
	ua     *sipgo.UserAgent
	client *sipgo.Client
	udp    net.PacketConn
	at     netip.AddrPort    // where UDP and TCP are
	lines  map[string]*lines // by network
	failed chan error        // a socket of ours broke
	serves sync.WaitGroup

	mu       sync.Mutex
	closing  bool
	handling sync.WaitGroup // requests
	busy     chan struct{}  // one per request
}

// mostHandled is how many requests may be under way at once; the store may be slow.
const mostHandled = 64

// open starts listening.
func (l *Link) open(ctx context.Context) (*stack, error) {
	s := &stack{link: l, lines: map[string]*lines{}, failed: make(chan error, 4), busy: make(chan struct{}, mostHandled)}
	err := s.listen(ctx)
	if err == nil {
		err = s.start(ctx)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// listen opens the sockets.
func (s *stack) listen(ctx context.Context) (err error) {
	var lc net.ListenConfig
	port, err := lc.Listen(ctx, "tcp", s.link.cfg.Listen)
	if err != nil {
		return err
	}
	s.at = port.Addr().(*net.TCPAddr).AddrPort()
	s.lines[overTCP] = s.newLines(port, port.Addr())
	if s.udp, err = lc.ListenPacket(ctx, "udp", s.at.String()); err != nil {
		return err
	}
	s.lines[overTLS] = s.newLines(nil, port.Addr())
	s.lines[overTLS].tls = s.link.trust
	if s.link.cfg.ListenTLS == "" {
		return nil
	}
	if port, err = lc.Listen(ctx, "tcp", s.link.cfg.ListenTLS); err != nil {
		return err
	}
	s.lines[overTLS].port, s.lines[overTLS].addr = port, port.Addr()
	return nil
}

func (s *stack) newLines(port net.Listener, addr net.Addr) *lines {
	l := s.link
	return &lines{
		cfg: l.cfg, port: port, addr: addr, hears: l.book.hears, stray: func() { l.count(func(st *Stats) { st.Strangers++ }) },
		next: make(chan handover), gone: make(chan struct{}), open: map[*line]struct{}{},
	}
}

// start puts the SIP stack on the sockets and waits until it can send from them.
func (s *stack) start(ctx context.Context) error {
	// The stack would log whole messages; all we want of it is how many made no sense.
	ear := slog.New(complaints{s.link})
	var err error
	s.ua, err = sipgo.NewUA(
		sipgo.WithUserAgent("hotline"), sipgo.WithUserAgenTLSConfig(s.link.trust),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(ear), sip.WithTransportLayerReadFilter(s.filter)),
		sipgo.WithUserAgentTransactionLayerOptions(sip.WithTransactionLayerLogger(ear),
			sip.WithTransactionLayerTerminateOnConnClose(),
			sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {})),
	)
	if err != nil {
		return err
	}
	quiet := slog.New(slog.DiscardHandler)
	s.client, err = sipgo.NewClient(s.ua, sipgo.WithClientLogger(quiet), sipgo.WithClientNAT(),
		sipgo.WithClientHostname(s.at.Addr().String()), sipgo.WithClientPort(int(s.at.Port())))
	if err != nil {
		return err
	}
	srv, err := sipgo.NewServer(s.ua, sipgo.WithServerLogger(quiet))
	if err != nil {
		return err
	}
	s.answer(context.WithoutCancel(ctx), srv)
	tp := s.ua.TransportLayer()
	s.serve(overUDP, func() error { return tp.ServeUDP(s.udp) })
	s.serve(overTCP, func() error { return tp.ServeTCP(s.lines[overTCP]) })
	s.serve(overTLS, func() error { return tp.ServeTLS(s.lines[overTLS]) })
	for network, q := range s.lines {
		if q.port != nil {
			s.serve(network, q.serve)
		}
	}
	for {
		if _, err := tp.GetConnection(overUDP, s.at.String()); err == nil {
			return nil
		}
		runtime.Gosched()
	}
}

// serve runs what reads a socket. When that ends by itself the link starts over.
func (s *stack) serve(network string, run func() error) {
	s.serves.Go(func() {
		err := run()
		if err == nil {
			err = errors.New("ended")
		}
		select {
		case s.failed <- fmt.Errorf("%s: %w", network, err):
		default:
		}
	})
}

// filter keeps strangers' datagrams from the stack; their connections were never let in.
func (s *stack) filter(from sip.TransportReadProps, data []byte) ([]byte, error) {
	if from.Transport == overUDP && !s.link.book.hears(from.RemoteAddr) {
		s.link.count(func(st *Stats) { st.Strangers++ })
		return nil, nil
	}
	return data, nil
}

// enter lets a request in, unless the link ends or has too many in hand.
func (s *stack) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	select {
	case s.busy <- struct{}{}:
		s.handling.Add(1)
		return true
	default:
		return false
	}
}

func (s *stack) leave() {
	<-s.busy
	s.handling.Done()
}

// close lets what is being stored be answered, and then ends everything.
func (s *stack) close() {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.handling.Wait()
	for _, q := range s.lines {
		_ = q.Close()
	}
	if s.udp != nil {
		_ = s.udp.Close()
	}
	s.serves.Wait()
	if s.ua != nil {
		_ = s.ua.Close() // texts under way end now
	}
}

// complaints hears what the stack says of messages that make no sense, and keeps none of
// their words.
type complaints struct{ link *Link }

// complained are the stack's words for a message it can do nothing with.
var complained = map[string]bool{
	"failed to parse": true, "Server tx failed to handle request": true, "Client tx failed to handle response": true,
}

func (c complaints) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelError
}

func (c complaints) Handle(_ context.Context, r slog.Record) error {
	if complained[r.Message] {
		c.link.meter.Count(func(st *sms.LinkStats) { st.Malformed++ })
	}
	return nil
}

func (c complaints) WithAttrs([]slog.Attr) slog.Handler { return c }

func (c complaints) WithGroup(string) slog.Handler { return c }
