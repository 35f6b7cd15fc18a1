package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"hotline/asterisk/sipphone"
	"hotline/sms/smstest"
)

// config is where the carrier sits and where the hotline is.
type config struct {
	SIP     [2]string // the trunks
	SMPP    string
	SMPPTLS string // file that the SMSC's certificate is written to; empty: it speaks no TLS
	CMPP    string
	HTTP    string
	Hotline string                   // host:port
	Number  string                   // what citizens dial
	Keys    string                   // what the menu's keys do, in words: 按1 求助, 按2 投诉; may be empty
	Sounds  string                   // may be empty
	Knobs   map[string]smstest.Knobs // of the centres, by name
	Log     *slog.Logger

	HTTPSMS   string // where texts are taken over HTTP
	HTTPStyle string // in whose style
	HTTPBack  string // URL before /receipts and /texts where the hotline is called back; may be empty
}

// carrier is the whole phone company.
type carrier struct {
	cfg      config
	log      *slog.Logger
	trunks   [2]*sipphone.Phone
	citizens *sipphone.Phone // places the test calls
	smsc     *smstest.SMSC
	ismg     *smstest.ISMG
	cloud    *smstest.Cloud
	book     *soundbook
	lines    *lines
	record   *record
	handsets *handsets
	events   *hub
	web      net.Listener
	server   *http.Server
	now      func() time.Time

	ctx    context.Context // of everything that runs by itself
	cancel context.CancelFunc
	runs   sync.WaitGroup
	mu     sync.Mutex // between start and close
	closed bool
}

// open starts everything; the carrier runs until close or until ctx ends.
func open(ctx context.Context, cfg config) (*carrier, error) {
	if err := onLoopback(cfg.SIP[0], cfg.SIP[1], cfg.SMPP, cfg.CMPP, cfg.HTTPSMS, cfg.HTTP, cfg.Hotline); err != nil {
		return nil, err
	}
	c := &carrier{cfg: cfg, log: cfg.Log, now: time.Now, events: newHub()}
	c.ctx, c.cancel = context.WithCancel(ctx)
	c.record = newRecord(c.now, c.events)
	c.lines = newLines()
	c.handsets = newHandsets(c.events)
	var err error
	if c.book, err = openSoundbook(cfg.Sounds); err != nil {
		return nil, err
	}
	if err := errors.Join(c.openPhones(), c.openCentres(), c.openWeb()); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// onLoopback keeps a simulated 110 from ever answering on a network.
func onLoopback(addrs ...string) error {
	for _, a := range addrs {
		host, _, err := net.SplitHostPort(a)
		if err != nil {
			return fmt.Errorf("address %q: %w", a, err)
		}
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
			return fmt.Errorf("address %q: simulated numbers stay on the loopback address", a)
		}
	}
	return nil
}

func (c *carrier) openPhones() error {
	for i, addr := range c.cfg.SIP {
		p, err := c.listen(addr)
		if err != nil {
			return fmt.Errorf("trunk %d: %w", i+1, err)
		}
		c.trunks[i] = p
		p.Serve(func(in *sipphone.Incoming) { c.answer(i+1, in) })
	}
	p, err := c.listen("127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("phone for test calls: %w", err)
	}
	c.citizens = p
	return nil
}

func (c *carrier) listen(addr string) (*sipphone.Phone, error) {
	return sipphone.Listen(c.ctx, sipphone.Config{
		Addr: addr, Index: c.book.index, Log: c.log, Now: c.now,
		Codecs: []sipphone.Codec{sipphone.PCMA, sipphone.PCMU, sipphone.G722},
	})
}

func (c *carrier) openWeb() error {
	var err error
	if c.web, err = (&net.ListenConfig{}).Listen(c.ctx, "tcp", c.cfg.HTTP); err != nil {
		return fmt.Errorf("page of handsets: %w", err)
	}
	c.server = &http.Server{
		Handler: c.routes(), ReadHeaderTimeout: 5 * time.Second,
		BaseContext: func(net.Listener) context.Context { return c.ctx },
	}
	c.start(func() {
		if err := c.server.Serve(c.web); !errors.Is(err, http.ErrServerClosed) {
			c.log.Error("page of handsets ended", "error", err)
		}
	})
	return nil
}

// start runs f beside everything else; close waits for it. Once the carrier closes
// nothing new begins.
func (c *carrier) start(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.runs.Go(f)
	}
}

// close hangs up every call and waits for all that runs.
func (c *carrier) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	if c.server != nil {
		_ = c.server.Close() // streams of events are meant to be cut
	}
	for _, p := range []*sipphone.Phone{c.trunks[0], c.trunks[1], c.citizens} {
		if p != nil {
			p.Close()
		}
	}
	c.closeCentres()
	c.runs.Wait()
}

// pause waits, unless ctx ends first; it tells whether the time has passed.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
