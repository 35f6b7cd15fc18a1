package sms_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/sms"
	"hotline/sms/cmpp"
	"hotline/sms/smstest"
)

// turns are how each knob is turned, and what becomes of texts and answers then. A knob
// that does not turn itself back is turned back after ten minutes.
var turns = map[string]struct {
	to    string
	back  bool
	ends  sms.Status // of every text; empty: Delivered
	twice bool       // texts may go out twice, marked
	ext   string     // that answers bring; empty: 07
}{
	"latency":           {to: "400ms"},
	"lost-response":     {to: "7", twice: true},
	"throttled":         {to: "9"},
	"refuse":            {to: "8", back: true}, // the status of a system that is not well, and of flow control
	"receipt-after":     {to: "3m"},
	"receipt-state":     {to: "UNDELIV", ends: sms.Undelivered},
	"receipt-first":     {to: "on"},
	"report-octets":     {to: "71"},
	"ported":            {to: "on", ends: sms.Undelivered},
	"duplicate-deliver": {to: "on"},
	"strip-extension":   {to: "2", ext: "none"},
	"clock-skew":        {to: "-3h"},
	"poison":            {to: "9"},
	"silent":            {to: "on", back: true, twice: true},
	"outage":            {to: "10m", twice: true},
}

// site is a gateway with one carrier, whose knobs are turned.
type site struct {
	*house
	knobs func(func(*smstest.Knobs))
	far   interface {
		Submits() []smstest.Submit
		Deliver(ctx context.Context, from, to, text string) error
		Close() error
	}
}

// sites are a gateway by each protocol.
var sites = map[string]func(h *house) site{
	"SMPP":     func(h *house) site { return site{h, h.smsc.Tune, h.smsc} },
	"CMPP 2.0": func(h *house) site { return bySite(h, cmpp.V20) },
	"CMPP 3.0": func(h *house) site { return bySite(h, cmpp.V30) },
}

func bySite(h *house, v cmpp.Version) site {
	g := smstest.NewISMG(smstest.Options{Password: "secret"})
	l, err := cmpp.New(cmpp.Config{
		Name: "c", Addr: "memory:0", User: "900001", Secret: "secret", Version: v, Connections: 2,
		Numbers: []string{"1069012345"}, Receipts: true, Clock: h.clock,
		Dial: func(context.Context, string) (net.Conn, error) { return g.Connect(), nil },
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.links = []sms.Transport{l}
	return site{h, g.Tune, g}
}

// Whatever a carrier does that a knob makes it do, no text and no answer is lost, and none
// goes twice that is not marked.
func TestNothingIsLostWhateverKnobIsTurned(t *testing.T) {
	for _, k := range smstest.KnobTable() {
		for protocol, open := range sites {
			t.Run(k.Name+"/"+protocol, func(t *testing.T) {
				inHouse(t, func(t *testing.T, h *house) {
					s := open(h)
					defer func() { h.stop(); _ = s.far.Close() }()
					s.turn(k)
				})
			})
		}
	}
}

const knobTexts = 24

// knobText is the n-th text that goes out; some are long.
func knobText(n int) string {
	text := fmt.Sprintf("您的工单%03d已办结。", n)
	if n%6 == 5 {
		text += strings.Repeat("办理情况", 40)
	}
	return text
}

func (s site) turn(k smstest.Knob) {
	s.t.Helper()
	how, ok := turns[k.Name]
	if !ok {
		s.t.Fatalf("no word on how the knob is turned: %+v", k)
	}
	set := func(v string) {
		s.knobs(func(all *smstest.Knobs) {
			if err := k.Set(all, v); err != nil {
				s.t.Error(err)
			}
		})
	}
	s.start()
	set(how.to)
	ctx, cancel := context.WithCancel(s.t.Context())
	var talking sync.WaitGroup
	defer func() { cancel(); talking.Wait() }()
	for n := range knobTexts {
		s.put(fmt.Sprint(n), func(m *sms.Message) {
			m.To, m.Text, m.Ext = fmt.Sprintf("138000%05d", n), knobText(n), "07"
			m.Kind = []sms.Kind{sms.KindNotice, sms.KindSurvey, sms.KindDuty}[n%3]
		})
		talking.Go(func() {
			answer := fmt.Sprintf("答复%d", n) + strings.Repeat("很长", n*5)
			if err := s.far.Deliver(ctx, fmt.Sprintf("139000%05d", n), "106901234507", answer); err != nil {
				s.t.Errorf("answer %d: %v", n, err)
			}
		})
		s.pass(time.Second)
	}
	s.pass(10 * time.Minute)
	if how.back {
		set("")
	}
	s.pass(3 * time.Hour)
	s.audit(how.ends, how.twice)
	ext := how.ext
	if ext == "" {
		ext = "07"
	}
	s.heard(strings.TrimSuffix(ext, "none"))
}

// audit compares the outbox with the carrier's own record.
func (s site) audit(ends sms.Status, twice bool) {
	s.t.Helper()
	synctest.Wait()
	sent := map[string]int{}
	for _, sub := range s.far.Submits() {
		sent[sub.To]++
	}
	if ends == "" {
		ends = sms.Delivered
	}
	for n := range knobTexts {
		m := s.text(fmt.Sprint(n))
		once := sms.Segments("【热线】" + knobText(n))
		if m.Status != ends {
			s.t.Errorf("text %d is %s (%s)", n, m.Status, m.Raw)
		}
		switch got := sent[m.To]; {
		case got < once, got > 2*once, got > once && !m.MaybeTwice:
			s.t.Errorf("text %d of %d segments was submitted %d times, marked %v", n, once, got, m.MaybeTwice)
		case m.MaybeTwice && !twice:
			s.t.Errorf("text %d is marked as one that may have come twice", n)
		}
	}
}

// heard compares what was handled with what handsets wrote.
func (s site) heard(ext string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[string]int{}
	for _, text := range s.seen {
		seen[text]++
	}
	for n := range knobTexts {
		want := fmt.Sprintf("139000%05d %s 答复%d", n, ext, n) + strings.Repeat("很长", n*5)
		if seen[want] != 1 {
			s.t.Errorf("answer %d was handled %d times", n, seen[want])
		}
	}
	if len(seen) != knobTexts {
		s.t.Errorf("%d different texts were handled", len(seen))
	}
}
