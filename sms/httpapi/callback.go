package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/netutil"

	"hotline/sms"
)

// Bounds of the callbacks' port.
const (
	maxCallback    = 1 << 20 // octets of a body: several thousand receipts
	maxCallbacks   = 64      // stored at once; more have to come again
	maxConnections = 256     // more wait to be accepted
	callbackTime   = 30 * time.Second
)

// Why there is no port, or no link.
var (
	errNotYet = errors.New("not listening yet")
	errClosed = errors.New("closed")
)

// listen holds the callbacks' port open until ctx is done.
func (l *Link) listen(ctx context.Context) {
	for tries := 0; ctx.Err() == nil; tries++ {
		began := l.cfg.Clock.Now()
		err := l.serve(ctx)
		if ctx.Err() != nil {
			return
		}
		if l.cfg.Clock.Now().Sub(began) >= l.cfg.LastPause {
			tries = 0
		}
		pause := sms.BackOff(tries, l.cfg.FirstPause, l.cfg.LastPause)
		l.set(func() { l.port = err })
		l.cfg.Log.WarnContext(ctx, "callbacks cannot come in", "err", err, "again_in", pause)
		l.wait(ctx, pause, nil)
	}
}

// serve answers callbacks until ctx is done or the port fails; those under way are
// finished.
func (l *Link) serve(ctx context.Context) error {
	ln, err := l.cfg.Bind(ctx, l.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	ln = netutil.LimitListener(ln, maxConnections)
	server := &http.Server{
		Handler: l.callbacks(), ErrorLog: slog.NewLogLogger(l.cfg.Log.Handler(), slog.LevelWarn), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: callbackTime + 5*time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	serving, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-serving.Done()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if server.Shutdown(last) != nil {
			_ = server.Close()
		}
	}()
	l.set(func() { l.port, l.whole = nil, l.cfg.Clock.Now() })
	err = server.Serve(ln)
	stop()
	<-ended // until those under way are through
	return fmt.Errorf("serve: %w", err)
}

// callbacks routes what comes in. Somebody without the token learns nothing, not even
// that there is something.
func (l *Link) callbacks() http.Handler {
	room := make(chan struct{}, maxCallbacks)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, kind, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		reading := map[string]*Reading{"receipts": l.cfg.API.Receipts, "texts": l.cfg.API.Texts}[kind]
		if subtle.ConstantTimeCompare([]byte(token), []byte(l.cfg.Token)) != 1 || reading == nil {
			l.count(func(st *Stats) { st.Strangers++ })
			http.NotFound(w, r)
			return
		}
		select {
		case room <- struct{}{}:
			defer func() { <-room }()
		default:
			l.again(w, errors.New("too many callbacks at once"))
			return
		}
		l.callback(w, r, reading)
	})
}

// callback stores what one request brings, and then acknowledges it. What makes no sense is
// refused, but only after all that does make sense is stored.
func (l *Link) callback(w http.ResponseWriter, r *http.Request, reading *Reading) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCallback))
	if err != nil {
		l.malformed(w, r, err)
		return
	}
	things, err := readCallback(reading, r, body)
	if err != nil {
		l.malformed(w, r, err)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), callbackTime)
	defer cancel()
	var bad error
	for _, thing := range things {
		if err := l.take(ctx, reading, thing, ""); errors.Is(err, errSense) {
			bad = err
		} else if err != nil {
			l.again(w, err)
			return
		}
	}
	if bad != nil {
		l.malformed(w, r, bad)
		return
	}
	l.count(func(st *Stats) { st.Callbacks++ })
	a := l.cfg.API.Answer
	w.Header().Set("Content-Type", cmp.Or(a.Type, "application/json; charset=utf-8"))
	_, _ = io.WriteString(w, a.Body) // a carrier that left comes again, and is recognised
}

// readCallback reads the things in a callback: JSON, a form, or a query.
func readCallback(reading *Reading, r *http.Request, body []byte) ([]any, error) {
	body = bytes.TrimSpace(body)
	switch {
	case r.Method == http.MethodGet && len(body) == 0:
		return reading.items(parseForm(r.URL.Query()))
	case r.Method != http.MethodPost:
		return nil, fmt.Errorf("method %s", r.Method)
	case len(body) > 0 && (body[0] == '{' || body[0] == '['):
		v, err := parse(body)
		if err != nil {
			return nil, err
		}
		return reading.items(v)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || len(form) == 0 {
		return nil, errors.New("neither JSON nor a form")
	}
	return reading.items(parseForm(form))
}

// errSense says that a thing makes no sense; coming again would not help.
var errSense = errors.New("makes no sense")

// take hands one thing on; asked is the carrier's id of the text we asked about.
func (l *Link) take(ctx context.Context, reading *Reading, thing any, asked string) error {
	if reading.Text != "" {
		p, err := l.part(reading, thing)
		if err != nil {
			return l.senseless(err)
		}
		l.meter.Count(func(s *sms.LinkStats) { s.Texts++ })
		return l.sink.Arrived(ctx, p)
	}
	r, err := l.receipt(reading, thing, asked)
	if err != nil {
		return l.senseless(err)
	}
	l.meter.Count(func(s *sms.LinkStats) { s.Receipts++ })
	if err := l.sink.Receipt(ctx, r); err != nil {
		return err
	}
	if mine, _ := word(thing, reading.Mine); r.Status.Final() {
		l.received(r.CarrierID, mine)
	}
	return nil
}

// senseless counts a thing that makes no sense.
func (l *Link) senseless(err error) error {
	l.meter.Count(func(s *sms.LinkStats) { s.Malformed++ })
	l.cfg.Log.Warn("what the carrier brought makes no sense", "err", err)
	return fmt.Errorf("%w: %w", errSense, err)
}

// malformed refuses a callback for good.
func (l *Link) malformed(w http.ResponseWriter, r *http.Request, err error) {
	if !errors.Is(err, errSense) {
		l.meter.Count(func(s *sms.LinkStats) { s.Malformed++ })
	}
	l.cfg.Log.WarnContext(r.Context(), "callback refused", "err", err)
	status := http.StatusBadRequest
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		status = http.StatusRequestEntityTooLarge
	}
	http.Error(w, http.StatusText(status), status)
}

// again has the carrier come again.
func (l *Link) again(w http.ResponseWriter, err error) {
	l.unwhole()
	l.cfg.Log.Error("carrier must come again", "err", err)
	http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
}
