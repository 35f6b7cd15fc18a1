package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"hotline/asterisk/sipphone"
	"hotline/sms/smstest"
)

// town is a carrier with a hotline of one phone on the other side.
type town struct {
	t       *testing.T
	carrier *carrier
	hotline *sipphone.Phone
}

func newTown(t *testing.T, sounds string) *town {
	t.Helper()
	hotline, err := sipphone.Listen(context.Background(), sipphone.Config{Addr: "127.0.0.1:0", Number: "12345"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hotline.Close)
	const free = "127.0.0.1:0"
	c, err := open(context.Background(), config{
		SIP: [2]string{free, free}, SMPP: free, CMPP: free, HTTPSMS: free, HTTPStyle: smstest.CloudAliyun, HTTP: free, Hotline: hotline.Addr(), Number: "12345",
		Sounds: sounds, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	return &town{t, c, hotline}
}

func (w *town) context() context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	w.t.Cleanup(cancel)
	return ctx
}

// do speaks to the API as a browser would.
func (w *town) do(method, path, body string, into any) int {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.context(), method, "http://"+w.carrier.web.Addr().String()+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if into != nil && res.StatusCode < 300 {
		if err := json.Unmarshal(b, into); err != nil {
			w.t.Fatalf("%s %s: %v in %s", method, path, err, b)
		}
	}
	return res.StatusCode
}

func (w *town) must(method, path, body string, into any) {
	w.t.Helper()
	if status := w.do(method, path, body, into); status >= 300 {
		w.t.Fatalf("%s %s: %d", method, path, status)
	}
}

// until watches the carrier's events from before f acts until want is true of one.
func (w *town) until(f func(), want func(event string, data []byte) bool) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.context(), http.MethodGet, "http://"+w.carrier.web.Addr().String()+"/api/events", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	f()
	event := ""
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		if key == "event" {
			event = value
		}
		if key == "data" && want(event, []byte(value)) {
			return
		}
	}
	w.t.Fatal("the event never came")
}

// ring calls a line over a trunk and tells the SIP status that ended it, or 200.
func (w *town) ring(trunk int, number string) (*sipphone.Session, int) {
	w.t.Helper()
	s, err := w.hotline.Call(w.context(), w.carrier.trunks[trunk-1].URI(number), sipphone.CallOptions{
		From: "13800000001", Headers: map[string]string{"P-Asserted-Identity": "<sip:13800000001@127.0.0.1>", "X-Test": "yes"},
	})
	var r *sipphone.Rejected
	switch {
	case errors.As(err, &r):
		return nil, r.Status
	case err != nil:
		w.t.Fatal(err)
	}
	return s, 200
}
