package asterisk

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	dialTimeout  = 5 * time.Second
	pingEvery    = 250 * time.Millisecond // Asterisk 22.10 sends none itself
	pingTimeout  = 2 * time.Second        // a socket that does not answer within it is given up
	firstBackOff = 100 * time.Millisecond
	lastBackOff  = 5 * time.Second
	maxEvent     = 4 << 20 // bytes; a usual event has 1 kB
)

// stayConnected opens the event socket again and again until ctx ends, waiting longer
// after each failure, with jitter so that several controllers do not march in step.
func (s *Switch) stayConnected(ctx context.Context) {
	backOff := firstBackOff
	for ctx.Err() == nil {
		before := s.stats.connects.Load()
		err := s.listen(ctx)
		if ctx.Err() != nil {
			return
		}
		if s.stats.connects.Load() > before {
			backOff = firstBackOff
		}
		s.cfg.Log.Warn("asterisk is not connected", "err", err, "again in", backOff)
		s.pause(ctx, time.Duration(float64(backOff)*(0.5+rand.Float64())))
		backOff = min(2*backOff, lastBackOff)
	}
}

// listen opens one socket and reads it until it breaks; it always returns an error.
func (s *Switch) listen(ctx context.Context) error {
	conn, err := s.dialSocket(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var side sync.WaitGroup
	defer side.Wait()
	defer conn.CloseNow()
	defer s.offline()
	defer cancel()
	s.stats.connects.Add(1)
	s.hear()
	side.Go(func() { s.keepAlive(ctx, conn) })
	side.Go(func() { s.welcome(ctx) })
	return s.read(conn)
}

func (s *Switch) offline() { s.online.Store(false) }

// hear notes a sign of life: an event, or the answer to a ping.
func (s *Switch) hear() { s.heard.Store(int64(time.Since(s.made))) }

// quietFor is for how long Asterisk has given no sign of life; known is false before the
// first.
func (s *Switch) quietFor() (long time.Duration, known bool) {
	heard := s.heard.Load()
	return time.Since(s.made) - time.Duration(heard), heard > 0
}

func (s *Switch) dialSocket(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	credentials := base64.StdEncoding.EncodeToString([]byte(s.cfg.User + ":" + s.cfg.Password))
	conn, _, err := websocket.Dial(ctx, s.events, &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Basic " + credentials}},
	})
	if err != nil {
		return nil, fmt.Errorf("open event socket: %w", err)
	}
	conn.SetReadLimit(maxEvent)
	return conn, nil
}

// errReplaced ends a socket that Asterisk sends nothing any more, because it opened another
// for our application. That is one we had given up: an Asterisk that stood still opens at
// last what was asked of it, in no order.
var errReplaced = errors.New("another event socket took its place")

// read takes events off the socket and puts them into mailboxes. Nothing here waits for
// a call, a request or the log of a healthy event: Asterisk closes the socket of a
// reader that lags.
func (s *Switch) read(conn *websocket.Conn) error {
	var message bytes.Buffer
	for {
		_, r, err := conn.Reader(context.Background()) // ended by keepAlive
		if err == nil {
			message.Reset()
			_, err = message.ReadFrom(r)
		}
		if err != nil {
			return fmt.Errorf("read event socket: %w", err)
		}
		s.hear()
		e, err := decode(message.Bytes())
		if err != nil {
			s.stats.malformed.Add(1)
			s.cfg.Log.Warn("event skipped", "err", err)
			continue
		}
		if e.Type == applicationReplaced {
			s.stats.event(e.Type)
			s.stats.replaced.Add(1)
			return errReplaced
		}
		s.route(e)
	}
}

// route gives an event to the call it is about.
func (s *Switch) route(e *event) {
	var to route
	switch e.Type {
	case stasisStart, stasisEnd, dtmfReceived, hangupRequest, channelDestroyed, stateChange:
		to = route{'c', e.Channel.ID}
	case playbackFinished:
		to = route{'p', e.Playback.ID}
	case recordingStarted, recordingFinished, recordingFailed:
		to = route{'r', e.Recording.Name}
	case callBroadcast:
		s.stats.event(e.Type)
		s.offered(e.Channel.ID)
		return
	default:
		s.stats.unknown.Add(1)
		return
	}
	s.stats.event(e.Type)
	call := s.calls.find(to)
	switch {
	case call != nil:
		call.deliver(e)
	case e.Type == stasisStart && s.ids.isLeg(e.Channel.ID):
		s.stats.unrouted.Add(1)
		s.aside.run(func() { s.stray(e.Channel.ID) })
	case e.Type == stasisStart:
		s.arrive(e.Channel)
	default:
		s.stats.unrouted.Add(1)
	}
}

// keepAlive pings until ctx ends, which closes the socket politely, and breaks one that
// does not answer.
func (s *Switch) keepAlive(ctx context.Context, conn *websocket.Conn) {
	for {
		s.pause(ctx, pingEvery)
		s.client.tidy()
		if ctx.Err() != nil {
			conn.Close(websocket.StatusNormalClosure, "")
			return
		}
		ping, cancel := context.WithTimeout(ctx, pingTimeout)
		err := conn.Ping(ping)
		cancel()
		if err != nil {
			conn.CloseNow()
			return
		}
		s.hear()
	}
}

// welcome makes a new socket complete: only the events in use, then what happened while
// we were away.
func (s *Switch) welcome(ctx context.Context) {
	if err := s.filterEvents(ctx); err != nil {
		s.cfg.Log.Warn("event filter not set; more events than needed will come", "err", err)
	}
	if s.greet != nil {
		s.greet(ctx)
	}
	s.online.Store(true)
	if err := s.reconcile(ctx); err != nil {
		s.cfg.Log.Error("calls could not be compared with Asterisk's", "err", err)
	}
	if ctx.Err() != nil {
		s.online.Store(false)
		return
	}
	s.once.Do(func() { close(s.ready) })
	s.cfg.Log.Info("asterisk is connected", "app", s.app)
}

func (s *Switch) filterEvents(ctx context.Context) error {
	type allowed struct {
		Type string `json:"type"`
	}
	var list []allowed
	for _, t := range eventTypes {
		list = append(list, allowed{t})
	}
	return s.do(ctx, request{
		method: http.MethodPut, path: "/applications/" + url.PathEscape(s.app) + "/eventFilter",
		body: map[string]any{"allowed": list},
	})
}
