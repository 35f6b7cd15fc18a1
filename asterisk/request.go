package asterisk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// RequestError is Asterisk's refusal of a request, in its own words.
type RequestError struct {
	Method  string
	Path    string
	Status  int // HTTP status
	Message string
}

// Error tells request, status and Asterisk's message.
func (e *RequestError) Error() string {
	return fmt.Sprintf("ari %s %s: %d %s", e.Method, e.Path, e.Status, e.Message)
}

// refused reports whether err is Asterisk's answer with one of these statuses.
func refused(err error, status ...int) bool {
	var r *RequestError
	if !errors.As(err, &r) {
		return false
	}
	for _, s := range status {
		if r.Status == s {
			return true
		}
	}
	return false
}

// answered reports whether Asterisk said no itself. What it did not answer at all it may
// have done.
func answered(err error) bool {
	var r *RequestError
	return errors.As(err, &r)
}

// permitted is why no request may be sent any more: the calls are another controller's.
func (s *Switch) permitted(ctx context.Context) error {
	if s.away.Load() {
		return errAway
	}
	if s.cfg.Permit == nil {
		return nil
	}
	return s.cfg.Permit(ctx)
}

// request is one ARI request; query and body may be nil, out takes the JSON answer.
type request struct {
	method string
	path   string // below /ari, segments escaped
	query  url.Values
	body   any
	out    any
}

// mostAnswer bounds a JSON answer, in bytes; a channel of a list has 1 kB.
const mostAnswer = 64 << 20

// do performs r within the request timeout. The error is a *RequestError when Asterisk
// answered, else what the connection or the context said.
func (s *Switch) do(ctx context.Context, r request) error {
	res, err := s.send(ctx, time.Now().Add(s.cfg.RequestTimeout), r)
	if err != nil {
		return err
	}
	defer res.Close()
	if r.out == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(res, mostAnswer)).Decode(r.out); err != nil {
		return fmt.Errorf("ari %s %s: answer: %w", r.method, r.path, err)
	}
	return nil
}

// send returns the answer to a request that was accepted; the caller closes it. All of it
// has to be there by the deadline, if that is not zero.
func (s *Switch) send(ctx context.Context, deadline time.Time, r request) (*reply, error) {
	a := s.ask(ctx, deadline, r)
	return a.answer()
}

// asked is a request on its way.
type asked struct {
	sw   *Switch
	r    request
	sent sent
	err  error // nothing was sent
}

// ask writes a request and leaves the rest of send to answer, which has to be called.
func (s *Switch) ask(ctx context.Context, deadline time.Time, r request) asked {
	a := asked{sw: s, r: r}
	if a.err = s.permitted(ctx); a.err != nil {
		return a
	}
	q := outgoing{method: r.method, path: "/ari" + r.path, query: r.query}
	if r.body != nil {
		if q.payload, a.err = json.Marshal(r.body); a.err != nil {
			return a
		}
	}
	a.sent = s.client.begin(ctx, deadline, q)
	return a
}

// answer waits for what Asterisk says to it.
func (a *asked) answer() (*reply, error) {
	s, r := a.sw, a.r
	if a.err != nil {
		return nil, fmt.Errorf("ari %s %s: %w", r.method, r.path, a.err)
	}
	res, err := a.sent.answer()
	if err != nil {
		s.stats.request(err, 0)
		return nil, fmt.Errorf("ari %s %s: %w", r.method, r.path, err)
	}
	s.stats.request(nil, res.status)
	if res.status < 300 {
		return res, nil
	}
	defer res.Close()
	return nil, &RequestError{Method: r.method, Path: r.path, Status: res.status, Message: refusal(res)}
}

// refusal is the message of ARI's error body, or the start of whatever came instead.
func refusal(body io.Reader) string {
	b, _ := io.ReadAll(io.LimitReader(body, 4096))
	var answer struct {
		Message string `json:"message"`
		Error   string `json:"error"`
	}
	if json.Unmarshal(b, &answer) == nil && answer.Message+answer.Error != "" {
		return answer.Message + answer.Error
	}
	return string(bytes.TrimSpace(b[:min(len(b), 200)]))
}

// Recording opens a finished recording as a WAV file, or in whatever format it was made.
// A name Asterisk does not know is a *RequestError with status 404. The caller closes it.
func (s *Switch) Recording(ctx context.Context, name string) (io.ReadCloser, error) {
	res, err := s.send(ctx, time.Time{}, request{method: http.MethodGet, path: stored(name) + "/file"})
	if err != nil {
		return nil, err // and not a nil *reply, which would be no nil ReadCloser
	}
	return res, nil
}

// DeleteRecording removes a finished recording from Asterisk's disk; one that is gone
// already is no error.
func (s *Switch) DeleteRecording(ctx context.Context, name string) error {
	err := s.do(ctx, request{method: http.MethodDelete, path: stored(name)})
	if refused(err, http.StatusNotFound) {
		return nil
	}
	return err
}

func stored(name string) string { return "/recordings/stored/" + url.PathEscape(name) }
func live(name string) string   { return "/recordings/live/" + url.PathEscape(name) }
