package httpapi_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hotline/sms"
	"hotline/sms/httpapi"
	"hotline/sms/smstest"
)

const (
	token   = "0123456789abcdef"
	citizen = "13800000001"
)

var account = smstest.Options{SystemID: "key-of-the-account", Password: "its-secret"}

// newCloud is a carrier that ends with the test.
func newCloud(t testing.TB, style string) *smstest.Cloud {
	t.Helper()
	c, err := smstest.NewCloud(account, style)
	if err == nil {
		err = c.Listen("127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// configFor is an account at the carrier, which calls it back.
func configFor(t testing.TB, c *smstest.Cloud, style string) httpapi.Config {
	t.Helper()
	api, err := httpapi.Ready(style)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	c.CallBack("http://" + ln.Addr().String() + "/" + token)
	cfg := httpapi.Config{
		Name: "cloud", API: api, URL: "http://" + c.Addr(), Key: account.SystemID, Secret: account.Password,
		Vars: map[string]string{"region": "here", "app": "1400000001"}, Numbers: []string{"1069012345"}, Receipts: true,
		Listen: ln.Addr().String(), Token: token, Clock: smstest.WallClock{},
		Bind:     func(context.Context, string) (net.Listener, error) { return ln, nil },
		Response: smstest.Response, FirstPause: 10 * time.Millisecond, LastPause: 200 * time.Millisecond,
	}
	if style != smstest.CloudPlain {
		cfg.Templates = []httpapi.Template{{ID: "SMS_100000001", Text: "{content}"}}
	}
	return cfg
}

func newLink(t testing.TB, cfg httpapi.Config) *httpapi.Link {
	t.Helper()
	l, err := httpapi.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestTransport(t *testing.T) {
	for _, style := range httpapi.ReadyNames() {
		t.Run(style, func(t *testing.T) {
			smstest.TestTransport(t, func(t *testing.T, clock sms.Clock) smstest.Rig {
				c := newCloud(t, style)
				cfg := configFor(t, c, style)
				cfg.Clock = clock
				return smstest.Rig{
					Transport: newLink(t, cfg), Carrier: c, Disconnect: c.Disconnect,
					Never: smstest.CloudNever, Later: smstest.CloudLater, Whole: true, NoExt: true,
				}
			})
		})
	}
}

// run holds a link up until the test ends.
func run(t testing.TB, l *httpapi.Link, sink sms.Sink) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx, sink) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// up runs a link to a sink of its own and waits until it is up.
func up(t testing.TB, cfg httpapi.Config) (*httpapi.Link, *smstest.Sink) {
	t.Helper()
	l, sink := newLink(t, cfg), smstest.NewSink()
	run(t, l, sink)
	if err := sink.Until(soon(t), func() bool { return l.Health().Up }); err != nil {
		t.Fatalf("%v: %+v", err, l.Health())
	}
	return l, sink
}

// soon bounds what must happen.
func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// faultOf sends a text and says how it failed.
func faultOf(t testing.TB, l *httpapi.Link, text string) *sms.SendError {
	t.Helper()
	_, err := l.Send(soon(t), sms.Outgoing{ID: "m", To: citizen, Text: text})
	var fault *sms.SendError
	if !errors.As(err, &fault) {
		t.Fatalf("Send gave %v", err)
	}
	return fault
}

// A wrong secret, and any other trouble of the account's, is no fault of the text.
func TestWrongSecretRefusesNoTextForGood(t *testing.T) {
	for _, style := range httpapi.ReadyNames() {
		c := newCloud(t, style)
		cfg := configFor(t, c, style)
		cfg.Secret = "another"
		l, _ := up(t, cfg)
		if got := faultOf(t, l, "您好"); got.Fault != sms.Temporary || got.Code == "" {
			t.Errorf("%s: %+v", style, got)
		}
		if n := len(c.Submits()); n != 0 {
			t.Errorf("%s took %d texts", style, n)
		}
	}
}

// A text goes out under the template it fits, with the values of its slots; one that fits
// none is not offered to the carrier, and another link may carry it.
func TestTextGoesUnderItsTemplate(t *testing.T) {
	c := newCloud(t, smstest.CloudTencent)
	cfg := configFor(t, c, smstest.CloudTencent)
	cfg.Templates = []httpapi.Template{
		{ID: "1", Text: "工单{number}已办结。{result}"},
		{ID: "2", Text: "工单{number}已办结"},
	}
	l, _ := up(t, cfg)
	if _, err := l.Send(soon(t), sms.Outgoing{ID: "m", To: citizen, Text: "【热线】工单20260001已办结。已修好\n(见图)"}); err != nil {
		t.Fatal(err)
	}
	if got := c.Texts()[0].Text; got != "【热线】20260001已修好\n(见图)" { // this carrier shows the values
		t.Errorf("sent %q", got)
	}
	got := faultOf(t, l, "【热线】别的话")
	if got.Fault != sms.Temporary || !strings.Contains(got.Error(), "template") || l.Stats().Unapproved != 1 {
		t.Errorf("%+v, %+v", got, l.Stats())
	}
}

// A server that fails says nothing of the text, unless its table does.
func TestServerErrorLeavesTheOutcomeUnknown(t *testing.T) {
	var status atomic.Int64
	server := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(int(status.Load()))
		}
	})
	c := newCloud(t, smstest.CloudPlain)
	cfg := configFor(t, c, smstest.CloudPlain)
	cfg.URL = server
	l, _ := up(t, cfg)
	for _, want := range []struct {
		status int
		fault  sms.Fault
	}{
		{500, sms.Unknown}, {502, sms.Unknown}, {503, sms.Temporary}, {429, sms.Throttled}, {200, sms.Unknown},
		{302, sms.Temporary}, {400, sms.Permanent}, {401, sms.Temporary}, {403, sms.Temporary}, {404, sms.Temporary}, {422, sms.Permanent},
	} {
		status.Store(int64(want.status))
		if got := faultOf(t, l, "您好"); got.Fault != want.fault || got.Code == "" {
			t.Errorf("HTTP %d: %+v, want %s", want.status, got, want.fault)
		}
	}
}

// What a carrier says of a number is logged without it (KF-3.1.5).
func TestCarriersWordsAreMasked(t *testing.T) {
	c := newCloud(t, smstest.CloudPlain)
	cfg := configFor(t, c, smstest.CloudPlain)
	cfg.URL = newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"status":"13","reason":"号码` + citizen + `不存在"}`))
	})
	l, _ := up(t, cfg)
	got := faultOf(t, l, "您好")
	if got.Fault != sms.Permanent || strings.Contains(got.Error(), citizen) || !strings.Contains(got.Error(), sms.Mask(citizen)) {
		t.Errorf("%+v: %v", got, got)
	}
}

// newServer serves until the test ends.
func newServer(t testing.TB, f http.HandlerFunc) (url string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: f, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(ln) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return "http://" + ln.Addr().String()
}

// Nobody listens: nothing was written, and another link may try at once.
func TestRefusedConnectionIsUnreachable(t *testing.T) {
	c := newCloud(t, smstest.CloudAliyun)
	cfg := configFor(t, c, smstest.CloudAliyun)
	l, sink := up(t, cfg)
	_ = c.Close()
	got := faultOf(t, l, "您好")
	for got.Fault == sms.Unknown { // a connection that was kept may break first
		got = faultOf(t, l, "您好")
	}
	if got.Fault != sms.Unreachable {
		t.Errorf("%+v", got)
	}
	if err := sink.Until(soon(t), func() bool { return !l.Health().Up }); err != nil {
		t.Errorf("%v: %+v", err, l.Health())
	}
	if h := l.Health(); h.Free != 0 || h.Detail == "" || strings.Contains(h.Detail, citizen) {
		t.Errorf("%+v", h)
	}
}

func TestConfigIsChecked(t *testing.T) {
	c := newCloud(t, smstest.CloudAliyun)
	for want, spoil := range map[string]func(*httpapi.Config){
		"no name":            func(c *httpapi.Config) { c.Name = "" },
		"no http or https":   func(c *httpapi.Config) { c.URL = "ftp://x" },
		"more than a host":   func(c *httpapi.Config) { c.URL += "/path" },
		"16 to 128":          func(c *httpapi.Config) { c.Token = "short" },
		"no key and secret":  func(c *httpapi.Config) { c.Secret = "" },
		"there is none":      func(c *httpapi.Config) { c.Templates = nil },
		"template 1: ":       func(c *httpapi.Config) { c.Templates = []httpapi.Template{{ID: "1", Text: "\xe5"}} },
		"no slot {region}":   func(c *httpapi.Config) { c.Vars = nil },
		"in a path":          func(c *httpapi.Config) { c.API.Send.Path = "/to/{number}" },
		"signs a POST to /":  func(c *httpapi.Config) { c.API.Send.Path = "/x" },
		"is no fault":        func(c *httpapi.Config) { c.API.Send.Faults = map[string]sms.Fault{"1": "bad"} },
		"repeat one that is": func(c *httpapi.Config) { c.API.Send.Method = "GET" },
		"has no callbacks":   func(c *httpapi.Config) { c.API.Receipts, c.API.Texts = nil, nil },
		"nothing brings":     func(c *httpapi.Config) { c.API.Receipts, c.API.Pulls = nil, nil },
		"like +08:00":        func(c *httpapi.Config) { c.API.Texts.Time.Zone = "Asia/Shanghai" },
	} {
		cfg := configFor(t, c, smstest.CloudAliyun)
		spoil(&cfg)
		if _, err := httpapi.New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	if _, err := httpapi.Parse([]byte("send: {pth: /}")); err == nil || !strings.Contains(err.Error(), "pth") {
		t.Errorf("an unknown field: %v", err)
	}
	if _, err := httpapi.Ready("../config.go"); err == nil || !strings.Contains(err.Error(), "aliyun, plain, tencent") {
		t.Errorf("an unknown name: %v", err)
	}
}
