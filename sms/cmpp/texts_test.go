package cmpp_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/sms"
	"hotline/sms/cmpp"
	"hotline/sms/smstest"
)

// What other implementations got wrong in incoming texts.
func TestIncomingForms(t *testing.T) {
	for name, c := range map[string]struct {
		d    cmpp.Deliver
		want sms.Part
	}{
		"ASCII":                       {cmpp.Deliver{Content: []byte("a@b_$")}, sms.Part{Text: "a@b_$"}},
		"UCS-2":                       {cmpp.Deliver{Fmt: 8, Content: []byte("\x6e\xe1\x61\x0f")}, sms.Part{Text: "满意"}},
		"a surrogate pair":            {cmpp.Deliver{Fmt: 8, Content: []byte("\xd8\x3d\xde\x00")}, sms.Part{Text: "😀"}},
		"GBK":                         {cmpp.Deliver{Fmt: 15, Content: []byte("\xc2\xfa\xd2\xe2")}, sms.Part{Text: "满意"}},
		"UCS-2 that says it is ASCII": {cmpp.Deliver{Fmt: 0, Content: []byte("\x6e\xe1\x61\x0f")}, sms.Part{Text: "满意"}},
		"digits likewise":             {cmpp.Deliver{Fmt: 0, Content: []byte("\x00\x31")}, sms.Part{Text: "1"}},
		"binary":                      {cmpp.Deliver{Fmt: 4, Content: []byte("\x6e\xe1\x61\x0f")}, sms.Part{Text: "满意"}},
		"parts, 8-bit reference": {cmpp.Deliver{TPUdhi: 1, Content: []byte("\x05\x00\x03\x34\x03\x02hi")},
			sms.Part{Text: "hi", Concat: sms.Concat{Ref: 0x34, Total: 3, Seq: 2}}},
		"parts, 16-bit reference": {cmpp.Deliver{TPUdhi: 1, Content: []byte("\x06\x08\x04\x12\x34\x03\x02hi")},
			sms.Part{Text: "hi", Concat: sms.Concat{Ref: 0x1234, Total: 3, Seq: 2}}},
		"TP_udhi as a bit": {cmpp.Deliver{TPUdhi: 0x40, Content: []byte("\x05\x00\x03\x34\x03\x02hi")},
			sms.Part{Text: "hi", Concat: sms.Concat{Ref: 0x34, Total: 3, Seq: 2}}},
	} {
		t.Run(name, func(t *testing.T) {
			onLine(t, setting{}, func(t *testing.T, l *line) {
				l.ismg.Inject(rawPDU(5, deliverBody(c.d), 0))
				parts, err := l.Parts(soon(t), 1)
				if err != nil {
					t.Fatal(err)
				}
				got := parts[0]
				if got.Text != c.want.Text || got.Concat != c.want.Concat || got.From != "13800000001" || got.To != "106901234501" || got.Ext != "01" || got.ID != "1" {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

// The gateway's id tells when a text came to it, which is what lateness is judged by.
func TestTextSaysWhenItCameToTheCarrier(t *testing.T) {
	onLine(t, setting{}, func(t *testing.T, l *line) {
		l.ismg.Disconnect()
		sent := time.Now()
		queued := make(chan error, 1)
		go func() { queued <- l.ismg.Deliver(soon(t), "13800000001", "1069012345", "1") }()
		if err := <-queued; err != nil { // held until the link is back
			t.Fatal(err)
		}
		parts, err := l.Parts(soon(t), 1)
		if err != nil || !parts[0].SentAt.Equal(sent) || !parts[0].At.After(sent) {
			t.Errorf("%+v sent at %v: %v", parts, sent, err)
		}
	})
}

func TestRepetitionHasTheSameID(t *testing.T) {
	onLine(t, setting{tune: func(k *smstest.Knobs) { k.Twice = true }}, func(t *testing.T, l *line) {
		if err := l.ismg.Deliver(soon(t), "13800000001", "1069012345", "1"); err != nil {
			t.Fatal(err)
		}
		parts, err := l.Parts(soon(t), 2)
		if err != nil || parts[0].ID != parts[1].ID || parts[0].Hash != parts[1].Hash || parts[0].ID == "" {
			t.Errorf("%+v %v", parts, err)
		}
	})
}

func TestReceipts(t *testing.T) {
	versions := func(v cmpp.Version) func(*cmpp.Config) { return func(c *cmpp.Config) { c.Version = v } }
	for _, v := range []cmpp.Version{cmpp.V20, cmpp.V30} {
		for name, c := range map[string]struct {
			tune func(*smstest.Knobs)
			want sms.Status
			raw  string
			mute bool // it says no time
		}{
			"delivered":           {func(*smstest.Knobs) {}, sms.Delivered, "DELIVRD", false},
			"before the answer":   {func(k *smstest.Knobs) { k.ReceiptFirst = true }, sms.Delivered, "DELIVRD", false},
			"of 60 octets":        {func(k *smstest.Knobs) { k.ReportOctets = 60 }, sms.Delivered, "DELIVRD", false},
			"of 71 octets":        {func(k *smstest.Knobs) { k.ReportOctets = 71 }, sms.Delivered, "DELIVRD", false},
			"of 40 octets":        {func(k *smstest.Knobs) { k.ReportOctets = 40 }, sms.Delivered, "DELIVRD", false},
			"of its head":         {func(k *smstest.Knobs) { k.ReportOctets = 15 }, sms.Delivered, "DELIVRD", true},
			"given up":            {func(k *smstest.Knobs) { k.ReceiptState = "UNDELIV" }, sms.Undelivered, "UNDELIV", false},
			"expired":             {func(k *smstest.Knobs) { k.ReceiptState = "EXPIRED" }, sms.Undelivered, "EXPIRED", false},
			"refused by a centre": {func(k *smstest.Knobs) { k.ReceiptState = "MB:1041" }, sms.Undelivered, "MB:1041", false},
			"a silent centre":     {func(k *smstest.Knobs) { k.ReceiptState = "MA:0001" }, sms.Undelivered, "MA:0001", false},
			"still trying":        {func(k *smstest.Knobs) { k.ReceiptState = "ACCEPTD" }, sms.Sent, "ACCEPTD", false},
			"unknown":             {func(k *smstest.Knobs) { k.ReceiptState = "UNKNOWN" }, sms.Sent, "UNKNOWN", false},
		} {
			t.Run(fmt.Sprint(v, " ", name), func(t *testing.T) {
				onLine(t, setting{c.tune, versions(v)}, func(t *testing.T, l *line) {
					at := time.Now()
					taken, err := l.Send(soon(t), hello)
					if err != nil {
						t.Fatal(err)
					}
					all, err := l.Receipts(soon(t), 1)
					if err != nil {
						t.Fatal(err)
					}
					r := all[0]
					if r.Status != c.want || r.Raw != c.raw || r.CarrierID != taken.CarrierIDs[0] || r.Phone != hello.To {
						t.Errorf("%+v for %v", r, taken.CarrierIDs)
					}
					if late := r.DoneAt.Sub(at); c.mute != r.DoneAt.IsZero() || !c.mute && (late <= 0 || late > time.Minute) {
						t.Errorf("done %s after it was sent", late) // the end of the minute, in the citizen's favour
					}
				})
			})
		}
	}
}

// What is sent is cut between characters, wherever the cut falls, and never in GBK.
func TestNoCharacterIsCut(t *testing.T) {
	onLine(t, setting{}, func(t *testing.T, l *line) {
		for shift := range 4 {
			text := strings.Repeat("汉", shift) + strings.Repeat("😀汉", 50)
			if _, err := l.Send(soon(t), sms.Outgoing{ID: "m", To: "13800000001", Text: text, Ref: byte(shift)}); err != nil {
				t.Fatal(err)
			}
		}
		for i, s := range l.ismg.Submits() {
			if s.Coding != sms.UCS2 || s.Octets > 140 || strings.ContainsRune(s.Text, '\uFFFD') {
				t.Errorf("segment %d: %+v", i, s)
			}
		}
		if texts, err := l.ismg.WaitTexts(soon(t), 4); err != nil || !strings.HasSuffix(texts[3].Text, "😀汉") {
			t.Errorf("%v", err)
		}
	})
}

// CMPP has no GSM-7: its coding 0 is ASCII, at most 159 octets.
func TestAlphabets(t *testing.T) {
	onLine(t, setting{}, func(t *testing.T, l *line) {
		for _, c := range []struct {
			text   string
			coding sms.Coding
			want   int
		}{
			{"Your code is 1_2@3$", sms.ASCII, 1},
			{strings.Repeat("a", 159), sms.ASCII, 1},
			{strings.Repeat("a", 160), sms.UCS2, 3},
			{strings.Repeat("[", 81), sms.UCS2, 2}, // two septets each on the air
			{"naïve café, 5 €", sms.UCS2, 1},
			{"", sms.ASCII, 1},
		} {
			before := len(l.ismg.Submits())
			taken, err := l.Send(soon(t), sms.Outgoing{ID: "m", To: "13800000001", Text: c.text, Ref: 1})
			if err != nil {
				t.Fatal(err)
			}
			sent := l.ismg.Submits()[before:]
			all := ""
			for _, s := range sent {
				all += s.Text
			}
			if len(sent) != c.want || taken.Segments != c.want || sent[0].Coding != c.coding || all != c.text {
				t.Errorf("%q went as %+v", c.text, sent)
			}
		}
	})
}

// A submit as it is on the wire: who pays, whose number, how long it may take.
func TestSubmitSaysWhatItMust(t *testing.T) {
	for _, v := range []cmpp.Version{cmpp.V20, cmpp.V30} {
		change := func(c *cmpp.Config) { c.Version, c.Service = v, "HOT" }
		onLine(t, setting{change: change}, func(t *testing.T, l *line) {
			out := sms.Outgoing{ID: "m", To: "13800000001", Ext: "07", Text: strings.Repeat("长", 71), Ref: 9, Validity: 12 * time.Hour}
			if _, err := l.Send(soon(t), out); err != nil {
				t.Fatal(err)
			}
			l.wire.mu.Lock()
			defer l.wire.mu.Unlock()
			last := l.wire.out[slices.IndexFunc(l.wire.out, func(b []byte) bool { return b[7] == 4 })]
			var got cmpp.Submit
			if err := cmpp.Unmarshal(&got, v, last[12:]); err != nil {
				t.Fatal(err)
			}
			// The bubble begins at midnight UTC of 1 January 2000.
			if got.ValidUntil != "000101200000032+" || got.From != "1069007" || got.Source != "900001" || got.Service != "HOT" {
				t.Errorf("%+v", got)
			}
			if got.FeeUser != 2 || got.FeeType != "01" || got.Report != 1 || got.PkTotal != 2 || got.PkNumber != 1 || got.TPUdhi != 1 {
				t.Errorf("%+v", got)
			}
			if string(got.Content[:6]) != "\x05\x00\x03\x09\x02\x01" || len(got.Content) != 140 {
				t.Errorf("content % x", got.Content)
			}
		})
	}
}

func TestNumbersThatDoNotFit(t *testing.T) {
	onLine(t, setting{}, func(t *testing.T, l *line) {
		for _, out := range []sms.Outgoing{
			{ID: "m", To: "13800000001", Ext: strings.Repeat("1", 17), Text: "1"},
			{ID: "m", To: strings.Repeat("1", 22), Text: "1"},
			{ID: "m", To: "13800000001", Text: strings.Repeat("长", 67*256)},
		} {
			if _, err := l.Send(soon(t), out); err == nil || !strings.Contains(err.Error(), "permanent") {
				t.Errorf("%v", err)
			}
		}
	})
}
