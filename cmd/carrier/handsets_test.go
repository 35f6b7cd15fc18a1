package main

import (
	"bytes"
	"context"
	"testing"

	"hotline/sms"
	"hotline/sms/smpp"
	"hotline/sms/smstest"
)

// desk is the hotline's end of the link: it takes everything that arrives.
type desk struct {
	arrived  chan sms.Part
	receipts chan sms.Receipt
	up       chan struct{}
}

func (d *desk) Arrived(_ context.Context, p sms.Part) error {
	d.arrived <- p
	return nil
}

func (d *desk) Receipt(_ context.Context, r sms.Receipt) error {
	d.receipts <- r
	return nil
}

func (d *desk) Changed(string) {
	select {
	case d.up <- struct{}{}:
	default:
	}
}

// bind connects a real SMPP link to the carrier's SMSC.
func (w *town) bind() (*smpp.Link, *desk) {
	w.t.Helper()
	link, err := smpp.New(smpp.Config{
		Name: "dev", Addr: w.carrier.smsc.Addr(), SystemID: "hotline", Numbers: []string{"1068"},
		Receipts: true, Clock: smstest.WallClock{},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	d := &desk{arrived: make(chan sms.Part, 10), receipts: make(chan sms.Receipt, 10), up: make(chan struct{}, 1)}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = link.Run(ctx, d)
	}()
	w.t.Cleanup(func() { stop(); <-done })
	if err := w.carrier.smsc.WaitBound(w.context()); err != nil {
		w.t.Fatal(err)
	}
	return link, d
}

func TestTextsArriveOnHandsetsAndAreAnswered(t *testing.T) {
	w := newTown(t, "")
	link, d := w.bind()
	const question = "【12345】您的诉求已办结，请评价：1非常满意 2满意 3基本满意 4不满意 5非常不满意"
	w.until(func() {
		for {
			_, err := link.Send(w.context(), sms.Outgoing{ID: "1", To: "13900005555", Ext: "07", Text: question, Ref: 1})
			if err == nil {
				return
			}
			select { // the SMSC knows of the bind a moment before the link does
			case <-d.up:
			case <-w.context().Done():
				t.Fatal(err)
			}
		}
	}, func(event string, data []byte) bool {
		return event == "text" && bytes.Contains(data, []byte("非常不满意"))
	})
	<-d.receipts

	var phones []handset
	if w.must("GET", "/api/handsets", "", &phones); phones[len(phones)-1].Number != "13900005555" {
		t.Errorf("handsets %+v", phones)
	}
	var sent text
	w.until(func() {
		w.must("POST", "/api/handsets/13900005555/reply", `{"text":"２"}`, &sent)
		if p := <-d.arrived; p.Text != "２" || p.From != "13900005555" || p.Ext != "07" {
			t.Errorf("arrived %+v", p)
		}
	}, func(event string, data []byte) bool {
		return event == "text" && bytes.Contains(data, []byte(`"state":"taken"`))
	})
	if sent.Peer != "106807" {
		t.Errorf("answered to %s", sent.Peer)
	}
	var chat []text
	w.must("GET", "/api/handsets/13900005555/texts", "", &chat)
	if len(chat) != 2 || chat[0].Text != question || chat[0].Out || !chat[1].Out {
		t.Errorf("chat %+v", chat)
	}
}
