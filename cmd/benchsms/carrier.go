package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"hotline/sms/smstest"
)

// The protocols.
const (
	overSMPP = "smpp"
	overCMPP = "cmpp"
)

// Who logs in, and with what.
const (
	user   = "900001"
	secret = "hotline"
	number = "10612345"
)

// carrierTask is what the message centre has to do.
type carrierTask struct {
	Proto    string
	Addr     string
	Texts    int           // how many it waits for; 0: until it is told to end
	Latency  time.Duration // of its answers
	Receipts bool
}

// receiptDelay is how long after its answer a text's receipt follows.
const receiptDelay = 50 * time.Millisecond

// receiptWindow is how many receipts may wait for their acknowledgement at once, as many
// as submits over CMPP.
const receiptWindow = 16

// finished is a carrier's account of a round.
type finished struct {
	Texts int           // submits it took
	Once  int           // different texts among them
	Took  time.Duration // from the first to the last answer, receipt included
}

// centre is what the two simulators have in common here.
type centre interface {
	Listen(addr string) error
	Close() error
	Tune(change func(*smstest.Knobs))
	OnSubmit(f func(smstest.Text))
	Submits() []smstest.Submit
	WaitTexts(ctx context.Context, n int) ([]smstest.Text, error)
	WaitDelivered(ctx context.Context, n int) error
}

// playCarrier is a message centre. It opens its port when it hears "go".
func playCarrier(ctx context.Context, s *stage) error {
	var task carrierTask
	if err := json.Unmarshal(s.task, &task); err != nil {
		return err
	}
	var c centre = smstest.NewSMSC(smstest.Options{})
	if task.Proto == overCMPP {
		c = smstest.NewISMG(smstest.Options{Password: secret})
	}
	c.Tune(func(k *smstest.Knobs) {
		k.Latency, k.ReceiptAfter, k.ManualReceipt = task.Latency, task.Latency+receiptDelay, !task.Receipts
		k.Deliveries, k.RetryAfter, k.Unanswered = receiptWindow, 5*time.Second, 5*time.Second
	})
	defer c.Close()
	var first sync.Once
	var began time.Time
	all := make(chan struct{})
	left := task.Texts
	var mu sync.Mutex
	c.OnSubmit(func(smstest.Text) {
		mu.Lock()
		defer mu.Unlock()
		first.Do(func() { began = time.Now() })
		if left--; left == 0 {
			close(all)
		}
	})
	if err := s.out.Encode("ready"); err != nil || !s.heard("go") {
		return err
	}
	if err := c.Listen(task.Addr); err != nil {
		return err
	}
	if err := s.out.Encode("open"); err != nil {
		return err
	}
	if task.Texts == 0 {
		return serveUntilAsked(ctx, s, c)
	}
	<-all
	rest(ctx, task.Latency) // until the last answer
	if task.Receipts {
		if err := c.WaitDelivered(ctx, task.Texts); err != nil {
			return err
		}
	}
	mu.Lock()
	done := finished{Took: time.Since(began)}
	mu.Unlock()
	done.count(c.Submits())
	if err := s.out.Encode(done); err != nil {
		return err
	}
	s.heard("") // until the parent closes
	return nil
}

// count looks how many texts there were.
func (f *finished) count(submits []smstest.Submit) {
	f.Texts = len(submits)
	once := map[string]bool{}
	for _, sub := range submits {
		once[sub.To] = true
	}
	f.Once = len(once)
}

// taken is the carrier's own record: how often each handset was sent its text.
type taken map[string]int

// serveUntilAsked answers "after N" once it has taken so many texts, and "record" with its
// record, until the parent closes.
func serveUntilAsked(ctx context.Context, s *stage, c centre) error {
	for s.in.Scan() {
		var n int
		if _, err := fmt.Sscanf(s.in.Text(), "after %d", &n); err == nil {
			if _, err := c.WaitTexts(ctx, n); err != nil {
				return err
			}
			if err := s.out.Encode(n); err != nil {
				return err
			}
			continue
		}
		record := taken{}
		for _, sub := range c.Submits() {
			record[sub.To]++
		}
		if err := s.out.Encode(record); err != nil {
			return err
		}
	}
	return nil
}
