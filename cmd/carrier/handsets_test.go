package main

import (
	"bytes"
	"context"
	"net"
	"testing"

	"hotline/sms"
	"hotline/sms/cmpp"
	"hotline/sms/httpapi"
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

// bind connects a real link to one of the carrier's centres.
func (w *town) bind(over string) (sms.Transport, *desk) {
	w.t.Helper()
	var link sms.Transport
	var err error
	switch over {
	case overCMPP:
		link, err = cmpp.New(cmpp.Config{
			Name: "dev", Addr: w.carrier.ismg.Addr(), User: "900001", Secret: ismgSecret, Numbers: []string{"1068"},
			Version: cmpp.V30, Receipts: true, Clock: smstest.WallClock{},
		})
	case overHTTP:
		link, err = w.httpLink()
	default:
		link, err = smpp.New(smpp.Config{
			Name: "dev", Addr: w.carrier.smsc.Addr(), SystemID: "hotline", Numbers: []string{"1068"},
			Receipts: true, Clock: smstest.WallClock{},
		})
	}
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
	for !link.Health().Up {
		select {
		case <-d.up:
		case <-w.context().Done():
			w.t.Fatalf("%+v", link.Health())
		}
	}
	bound := w.carrier.smsc.WaitBound // the centre counts us in after it has answered
	switch over {
	case overCMPP:
		bound = w.carrier.ismg.WaitBound
	case overHTTP:
		bound = func(context.Context) error { return nil } // it did so before
	}
	if err := bound(w.context()); err != nil {
		w.t.Fatal(err)
	}
	return link, d
}

// httpLink is an account at the carrier's HTTP interface, which calls it back.
func (w *town) httpLink() (sms.Transport, error) {
	api, err := httpapi.Ready(smstest.CloudAliyun)
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	const token = "0123456789abcdef"
	w.carrier.cloud.CallBack("http://" + ln.Addr().String() + "/" + token)
	return httpapi.New(httpapi.Config{
		Name: "dev", API: api, URL: "http://" + w.carrier.cloud.Addr(), Key: "dev", Secret: cloudSecret, Numbers: []string{"1068"},
		Vars: map[string]string{"region": "here"}, Templates: []httpapi.Template{{ID: "1", Text: "{content}"}}, ExtDigits: 2,
		Receipts: true, Clock: smstest.WallClock{}, Listen: ln.Addr().String(), Token: token,
		Bind: func(context.Context, string) (net.Listener, error) { return ln, nil },
	})
}

// next is what comes over a channel soon.
func next[T any](w *town, c <-chan T) (v T) {
	w.t.Helper()
	select {
	case v = <-c:
	case <-w.context().Done():
		w.t.Fatal("nothing arrived")
	}
	return v
}

func TestTextsArriveOnHandsetsAndAreAnswered(t *testing.T) {
	for _, over := range overs {
		t.Run(over, func(t *testing.T) { arriveAndAreAnswered(t, over) })
	}
}

func arriveAndAreAnswered(t *testing.T, over string) {
	w := newTown(t, "")
	link, d := w.bind(over)
	const question = "【12345】您的诉求已办结，请评价：1非常满意 2满意 3基本满意 4不满意 5非常不满意"
	w.until(func() {
		if _, err := link.Send(w.context(), sms.Outgoing{ID: "1", To: "13900005555", Ext: "07", Text: question, Ref: 1}); err != nil {
			t.Fatal(err)
		}
	}, func(event string, data []byte) bool {
		return event == "text" && bytes.Contains(data, []byte("非常不满意"))
	})
	next(w, d.receipts)

	var phones []handset
	if w.must("GET", "/api/handsets", "", &phones); phones[len(phones)-1].Number != "13900005555" {
		t.Errorf("handsets %+v", phones)
	}
	var sent text
	w.until(func() {
		w.must("POST", "/api/handsets/13900005555/reply", `{"text":"２"}`, &sent)
		if p := next(w, d.arrived); p.Text != "２" || p.From != "13900005555" || p.Ext != "07" {
			t.Errorf("arrived %+v", p)
		}
	}, func(event string, data []byte) bool {
		return event == "text" && bytes.Contains(data, []byte(`"state":"taken"`))
	})
	from := "106807"
	if over == overHTTP {
		from = "10690000000007" // the carrier's own
	}
	if sent.Peer != from {
		t.Errorf("answered to %s", sent.Peer)
	}
	var chat []text
	w.must("GET", "/api/handsets/13900005555/texts", "", &chat)
	if len(chat) != 2 || chat[0].Text != question || chat[0].Out || !chat[1].Out {
		t.Errorf("chat %+v", chat)
	}
	var record []submit
	if w.must("GET", "/api/submits", "", &record); len(record) != 1 || record[0].Over != over || record[0].From != from {
		t.Errorf("record %+v", record)
	}
}

// A handset answers over the centre that brought the question; what it writes first goes
// where the hotline is.
func TestTextsGoBackTheWayTheyCame(t *testing.T) {
	w := newTown(t, "")
	byCMPP, cmppDesk := w.bind(overCMPP)
	var sent text
	w.must("POST", "/api/handsets/13900005555/reply", `{"text":"路灯坏了","to":"1068"}`, &sent)
	if p := next(w, cmppDesk.arrived); p.Text != "路灯坏了" || sent.Over != overCMPP {
		t.Errorf("arrived %+v over %s", p, sent.Over)
	}
	_, smppDesk := w.bind(overSMPP)
	w.must("POST", "/api/handsets/13900005556/reply", `{"text":"井盖丢了","to":"1068"}`, &sent)
	if p := next(w, smppDesk.arrived); p.Text != "井盖丢了" || sent.Over != overSMPP {
		t.Errorf("arrived %+v over %s", p, sent.Over)
	}
	w.until(func() {
		if _, err := byCMPP.Send(w.context(), sms.Outgoing{ID: "1", To: "13900005556", Ext: "08", Text: "请评价"}); err != nil {
			t.Fatal(err)
		}
	}, func(event string, data []byte) bool { // its receipt may go out before the handset has it
		return event == "text" && bytes.Contains(data, []byte("请评价"))
	})
	next(w, cmppDesk.receipts)
	w.must("POST", "/api/handsets/13900005556/reply", `{"text":"2"}`, &sent)
	if p := next(w, cmppDesk.arrived); p.Text != "2" || p.Ext != "08" || sent.Over != overCMPP {
		t.Errorf("arrived %+v over %s", p, sent.Over)
	}
}
