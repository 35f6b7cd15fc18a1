package httpapi_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"hotline/sms"
	"hotline/sms/smstest"
)

// A text that the carrier cannot be asked about does not hold up the receipts of others,
// each of which may open a survey's window (ZQ-15.2).
func TestOneFailingPullDelaysNoOther_ZQ15_2(t *testing.T) {
	c := newCloud(t, smstest.CloudAliyun)
	cfg := configFor(t, c, smstest.CloudAliyun)
	c.CallBack("")
	often(&cfg)
	to, err := url.Parse(cfg.URL)
	if err != nil {
		t.Fatal(err)
	}
	const sick = "13800000002"
	failed := make(chan struct{}, 1000)
	proxy := httputil.NewSingleHostReverseProxy(to)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		asked := r.URL.RawQuery + string(body)
		if strings.Contains(asked, "QuerySendDetails") && strings.Contains(asked, sick) {
			select {
			case failed <- struct{}{}:
			default:
			}
			http.Error(w, "no", http.StatusInternalServerError)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		proxy.ServeHTTP(w, r)
	}))
	defer front.Close()
	cfg.URL = front.URL
	// The pull's own pause grows with failures: what fails always must not make it grow.
	for i := range cfg.API.Pulls {
		cfg.API.Pulls[i].Every = 200 * time.Millisecond
	}
	l, sink := up(t, cfg)
	if _, err := l.Send(soon(t), sms.Outgoing{ID: "sick", To: sick, Text: "请评价"}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		<-failed
	}
	const others = 5
	for i := range others {
		if _, err := l.Send(soon(t), sms.Outgoing{ID: "m" + string(rune('0'+i)), To: citizen, Text: "请评价"}); err != nil {
			t.Fatal(err)
		}
	}
	if receipts, err := sink.Receipts(soon(t), others); err != nil || len(receipts) != others {
		t.Errorf("%d of %d receipts, %v", len(receipts), others, err)
	}
}

// A port that fails again and again leaves nothing behind each time.
func TestListeningAgainLeavesNoGoroutines(t *testing.T) {
	c := newCloud(t, smstest.CloudAliyun)
	cfg := configFor(t, c, smstest.CloudAliyun)
	c.CallBack("")
	cfg.FirstPause, cfg.LastPause = time.Millisecond, time.Millisecond
	binds := make(chan struct{})
	cfg.Bind = func(ctx context.Context, _ string) (net.Listener, error) {
		select {
		case binds <- struct{}{}:
		case <-ctx.Done():
		}
		return broken{}, nil
	}
	l, sink := newLink(t, cfg), smstest.NewSink()
	run(t, l, sink)
	for range 20 {
		<-binds
	}
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	if n := strings.Count(string(stacks), "httpapi.(*Link).serve.func"); n > 2 {
		t.Errorf("%d goroutines of ports that are closed", n)
	}
}

// broken is a listener that fails at once.
type broken struct{}

func (broken) Accept() (net.Conn, error) { return nil, errors.New("no port") }
func (broken) Close() error              { return nil }
func (broken) Addr() net.Addr            { return &net.TCPAddr{} }
