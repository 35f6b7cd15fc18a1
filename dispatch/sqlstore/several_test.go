package sqlstore_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore"
	"hotline/sms"
	"hotline/sms/smpp"
	"hotline/sms/smstest"
)

// TestSeveralControllersSendEachTextOnce lets three gateways, each with a session of its
// own, empty one outbox into a real carrier.
func TestSeveralControllersSendEachTextOnce(t *testing.T) {
	const texts, controllers = 90, 3
	onBoth(t, func(t *testing.T, open func(*testing.T) *sqlstore.Store) {
		store := open(t)
		carrier := smstest.NewSMSC(smstest.Options{})
		if err := carrier.Listen("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		defer carrier.Close()
		for n := range texts {
			at := time.Now()
			if err := store.PutText(t.Context(), sms.Message{ID: fmt.Sprintf("text-%03d", n), Key: fmt.Sprint(n), Kind: sms.KindNotice,
				To: fmt.Sprintf("138000%05d", n), Text: fmt.Sprint("您好 ", n), NotBefore: at, CreatedAt: at}); err != nil {
				t.Fatal(err)
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		defer running.Wait()
		defer stop()
		for range controllers {
			running.Go(func() { runGateway(t, ctx, store, carrier.Addr()) })
		}
		delivered(t, store, texts)
		to := map[string]int{}
		for _, s := range carrier.Texts() {
			to[s.To]++
		}
		for number, n := range to {
			if n != 1 {
				t.Errorf("%d texts to %s", n, number)
			}
		}
		if len(to) != texts {
			t.Errorf("texts to %d numbers", len(to))
		}
	})
}

func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// runGateway is one controller's, until ctx ends.
func runGateway(t *testing.T, ctx context.Context, store *sqlstore.Store, carrier string) {
	link, err := smpp.New(smpp.Config{Name: "smpp", Addr: carrier, SystemID: "hotline", Numbers: []string{"10612345"},
		Receipts: true, Clock: smstest.WallClock{}})
	if err != nil {
		t.Error(err)
		return
	}
	gw, err := sms.NewGateway(sms.Config{Outbox: store, Inbox: store, Transports: []sms.Transport{link}, Clock: smstest.WallClock{},
		OnInbound: func(context.Context, sms.Inbound) (string, error) { return "order", nil },
		Policy:    sms.Policy{Poll: 100 * time.Millisecond}})
	if err != nil {
		t.Error(err)
		return
	}
	if err := gw.Run(ctx); err != nil {
		t.Error(err)
	}
}

// delivered waits until every text was, without a doubt.
func delivered(t *testing.T, store *sqlstore.Store, texts int) {
	t.Helper()
	for ctx := limited(t); ; {
		all, err := store.Messages(ctx, dispatch.Filter{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, m := range all {
			if m.Status == sms.Delivered && !m.MaybeTwice {
				n++
			}
		}
		if n == texts {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%d of %d delivered", n, texts)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
