package asterisk_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"hotline/asterisk"
	"hotline/asterisk/conf"
)

// A controller that is connected and hangs claims nothing: the dialplan answers.
func TestControllerHangs(t *testing.T) {
	h := newHouseOf(t, func(c *conf.Config) { c.Claim = 0 }) // the default
	events := strings.Replace(h.ast.ARI, "http", "ws", 1) + "/ari/events?app=hotline-hung-1&subscribeAll=false"
	req := http.Request{Header: http.Header{}}
	req.SetBasicAuth(h.ast.Config.ARIUser, h.ast.Config.ARIPass)
	conn, _, err := websocket.Dial(within(t, patience), events, &websocket.DialOptions{HTTPHeader: req.Header})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	s := h.dial(t)
	hears(t, s, "sorry")
	_, offer, err := conn.Read(within(t, patience))
	if err != nil || !strings.Contains(string(offer), `"CallBroadcast"`) {
		t.Errorf("it was offered %.100s, %v; want the call", offer, err)
	}
}

// A controller that Asterisk does not let in is as good as none.
func TestControllerIsNotLetIn(t *testing.T) {
	h := newHouse(t)
	log := &lockedBuffer{}
	sw, err := asterisk.New(asterisk.Config{URL: h.ast.ARI, User: h.ast.Config.ARIUser, Password: "wrong",
		Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	sw.Handle(func(context.Context, *asterisk.Call) { t.Error("a call was served") })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- sw.Run(ctx) }()
	hears(t, h.dial(t), "sorry")
	until(t, "the refusal in the log", func() bool { return strings.Contains(log.String(), "401") })
	stop()
	if err := soon(t, ended, "the end"); err != nil {
		t.Error(err)
	}
}

// Of two controllers one has each new call, and the other does not touch it.
func TestTwoControllersShareTheCalls(t *testing.T) {
	h := newHouse(t)
	served := make(chan string, 10)
	by := func(name string) asterisk.Handler {
		return answering(func(ctx context.Context, c *asterisk.Call) {
			served <- name
			c.Play(ctx, h.play("menu"))
		})
	}
	a := h.work(t, by("a"), func(c *asterisk.Config) { c.Node = "a" })
	b := h.work(t, by("b"), func(c *asterisk.Config) { c.Node = "b" })
	for range 5 {
		s := h.dial(t)
		hears(t, s, "menu")
		soon(t, s.Context().Done(), "the end")
		soon(t, served, "its controller")
	}
	until(t, "every claim is decided", func() bool {
		x, y := a.Stats(), b.Stats()
		return x.Claims+y.Claims == 5 && x.Lost+y.Lost == 5
	})
	if len(served) > 0 {
		t.Errorf("a call was served twice, by %s too", <-served)
	}
}
