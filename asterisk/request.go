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

// newClient pools connections. Asterisk closes an idle one after 30 s (http.conf) and
// Go must be first, or a POST meets a closed connection; 64 connections keep far below
// Asterisk's session limit and more were no faster.
func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		MaxConnsPerHost:     64,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     10 * time.Second,
		DisableCompression:  true,
	}}
}

// request is one ARI request; query and body may be nil, out takes the JSON answer.
type request struct {
	method string
	path   string // below /ari, segments escaped
	query  url.Values
	body   any
	out    any
}

// do performs r within the request timeout. The error is a *RequestError when Asterisk
// answered, else what the connection or the context said.
func (s *Switch) do(ctx context.Context, r request) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.RequestTimeout)
	defer cancel()
	res, err := s.send(ctx, r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if r.out == nil {
		io.Copy(io.Discard, res.Body) // so that the connection can be used again
		return nil
	}
	if err := json.NewDecoder(res.Body).Decode(r.out); err != nil {
		return fmt.Errorf("ari %s %s: answer: %w", r.method, r.path, err)
	}
	return nil
}

// send returns the answer to a request that was accepted; the caller closes its body.
func (s *Switch) send(ctx context.Context, r request) (*http.Response, error) {
	if err := s.permitted(ctx); err != nil {
		return nil, fmt.Errorf("ari %s %s: %w", r.method, r.path, err)
	}
	req, err := s.newRequest(ctx, r)
	if err != nil {
		return nil, err
	}
	res, err := s.client.Do(req)
	if err != nil {
		s.stats.request(err, 0)
		return nil, fmt.Errorf("ari %s %s: %w", r.method, r.path, err)
	}
	s.stats.request(nil, res.StatusCode)
	if res.StatusCode < 300 {
		return res, nil
	}
	defer res.Body.Close()
	return nil, &RequestError{Method: r.method, Path: r.path, Status: res.StatusCode, Message: refusal(res.Body)}
}

func (s *Switch) newRequest(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader
	if r.body != nil {
		b, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("ari %s %s: %w", r.method, r.path, err)
		}
		body = bytes.NewReader(b)
	}
	target := s.cfg.URL + "/ari" + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return nil, fmt.Errorf("ari %s %s: %w", r.method, r.path, err)
	}
	req.SetBasicAuth(s.cfg.User, s.cfg.Password)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	// Every id is ours, so a POST whose kept-alive connection turned out closed may be
	// sent again; an empty value says so to net/http and stays off the wire.
	req.Header["Idempotency-Key"] = []string{}
	return req, nil
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
	res, err := s.send(ctx, request{method: http.MethodGet, path: stored(name) + "/file"})
	if err != nil {
		return nil, err
	}
	return res.Body, nil
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
