package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// maxAnswer bounds what is read of an answer; a pull of 100 long texts has a tenth of it.
const maxAnswer = 1 << 20

// idle is how long an unused connection is kept. Shorter than servers keep theirs: a
// request written on one that was just closed would have an unknown outcome.
const idle = 15 * time.Second

// Why there is no answer.
var (
	errSilent = errors.New("no answer in time")
	errBody   = errors.New("answer too long")
)

func newClient(c Config) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: c.Dial, Proxy: http.ProxyFromEnvironment,
			MaxIdleConnsPerHost: c.Window, IdleConnTimeout: idle, ForceAttemptHTTP2: true, DisableCompression: true,
		},
		// A signed request is meant for one host, and its answer is that host's word.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// answer is what came back.
type answer struct {
	status int
	body   any   // nil if it is no JSON
	text   error // why it is none
}

// request fills a request and signs it.
func (l *Link) request(r *Request, s slots) (*http.Request, error) {
	method := cmp.Or(r.Method, http.MethodPost)
	path, _ := s.text(cmp.Or(r.Path, "/"))
	headers := map[string]string{}
	for name, template := range r.Headers {
		if v, ok := s.text(template); ok {
			headers[name] = v
		}
	}
	var body []byte
	kind := ""
	switch {
	case r.JSON != nil:
		kind = "application/json; charset=utf-8"
		tree, _ := s.tree(r.JSON)
		var err error
		if body, err = json.Marshal(tree); err != nil {
			return nil, fmt.Errorf("body: %w", err)
		}
	case r.Form != nil:
		kind = "application/x-www-form-urlencoded"
		form := url.Values{}
		for name, template := range r.Form {
			if v, ok := s.text(template); ok {
				form.Set(name, v)
			}
		}
		if l.cfg.API.Sign.Method == SignRPCMethod {
			rpcParams(method, form, l.cfg)
		}
		body = []byte(form.Encode())
	}
	req, err := http.NewRequest(method, strings.TrimSuffix(l.cfg.URL, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	for name, v := range headers {
		req.Header.Set(name, v)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if l.cfg.API.Sign.Method == SignTC3Method {
		now := l.cfg.Clock.Now()
		t := TC3{
			Key: l.cfg.Key, Secret: l.cfg.Secret, Service: l.cfg.API.Sign.Service, Host: req.URL.Host,
			Action: req.Header.Get("X-TC-Action"), ContentType: kind, Payload: body, At: now,
		}
		req.Header.Set("X-TC-Timestamp", unix(now))
		req.Header.Set("Authorization", t.Authorization())
	}
	return req, nil
}

// exchange sends a request and reads the answer within Config.Response. sent is false if
// certainly nothing of it was written.
func (l *Link) exchange(ctx context.Context, req *http.Request) (a answer, sent bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer l.cfg.Clock.AfterFunc(l.cfg.Response, func() { cancel(errSilent) })()
	var wrote atomic.Bool // the client tries again by itself only what was not written
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { wrote.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { wrote.Store(true) },
	}))
	resp, err := l.client.Do(req)
	if err != nil {
		return answer{}, wrote.Load(), reason(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return answer{}, true, reason(ctx, err)
	}
	if len(body) > maxAnswer {
		return answer{}, true, errBody
	}
	l.answered()
	a.status = resp.StatusCode
	a.body, a.text = parse(body)
	return a, true, nil
}

// reason is why a request failed, without its URL.
func reason(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
