package smpp

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"hotline/sms"
)

func TestCanonical(t *testing.T) {
	for _, c := range []struct {
		form      IDForm
		raw, want string
	}{
		{Text, "0000000017", "17"}, {Text, "ABCdef01", "abcdef01"}, {Text, "000", "0"}, {Text, "", ""},
		{Text, "17\x00", "17"}, {Text, " 17 ", "17"},
		{Hex, "0000001F", "31"}, {Hex, "1f", "31"}, {Decimal, "0031", "31"},
		{Hex, "FFFFFFFFFFFFFFFFFF", "4722366482869645213695"},
		{Hex, "a3-7", "a3-7"}, {Decimal, "1F", "1f"}, {Hex, "+1", "+1"},
		{Hex, strings.Repeat("f", 100), strings.Repeat("f", 100)},
	} {
		if got := canonical(c.form, c.raw); got != c.want {
			t.Errorf("canonical(%q, %q) = %q, want %q", c.form, c.raw, got, c.want)
		}
	}
}

func TestReceiptOf(t *testing.T) {
	l := &Link{cfg: Config{Name: "a", ReceiptIDs: Hex, Zone: time.FixedZone("CST", 8*3600)}}
	at := time.Date(2026, 11, 20, 2, 16, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		d    deliver
		want sms.Receipt
		ok   bool
	}{
		{"the standard form", deliver{body: []byte("id:001F sub:001 dlvrd:001 submit date:2611201010 done date:2611201015 stat:DELIVRD err:000 text:hi")},
			sms.Receipt{CarrierID: "31", Status: sms.Delivered, Raw: "DELIVRD", DoneAt: at}, true},
		{"with seconds, in small letters", deliver{body: []byte("id:1f stat:delivrd done date:261120101600")},
			sms.Receipt{CarrierID: "31", Status: sms.Delivered, Raw: "DELIVRD", DoneAt: at}, true},
		{"blanks after colons, other order", deliver{body: []byte("Stat: UNDELIV Err: 045 ID: 1F")},
			sms.Receipt{CarrierID: "31", Status: sms.Undelivered, Raw: "UNDELIV err:045"}, true},
		{"parameters before text", deliver{body: []byte("id:77 stat:UNDELIV"), params: map[uint16][]byte{tagReceiptedID: []byte("1F\x00"), tagMessageState: {2}}},
			sms.Receipt{CarrierID: "31", Status: sms.Delivered, Raw: "DELIVRD"}, true},
		{"a citizen's words are not read", deliver{body: []byte("id:1F stat:EXPIRED text:id:99 stat:DELIVRD err:7")},
			sms.Receipt{CarrierID: "31", Status: sms.Undelivered, Raw: "EXPIRED"}, true},
		{"a code of the network", deliver{body: []byte("id:1F stat:MA:0001")},
			sms.Receipt{CarrierID: "31", Status: sms.Undelivered, Raw: "MA:0001"}, true},
		{"no state", deliver{body: []byte("id:1F")}, sms.Receipt{CarrierID: "31", Status: sms.Sent}, true},
		{"no id", deliver{body: []byte("stat:DELIVRD")}, sms.Receipt{Status: sms.Delivered, Raw: "DELIVRD"}, false},
		{"a date that is none", deliver{body: []byte("id:1F stat:DELIVRD done date:2613991099")},
			sms.Receipt{CarrierID: "31", Status: sms.Delivered, Raw: "DELIVRD"}, true},
	} {
		c.want.Link = "a"
		if got, ok := l.receiptOf(c.d); got != c.want || ok != c.ok {
			t.Errorf("%s: %+v %v\nwant %+v %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestValidity(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "", -time.Hour: "", time.Millisecond: "000000000001000R", 12 * time.Hour: "000000120000000R",
		26*time.Hour + 61*time.Second: "000001020101000R", 9999 * time.Hour: "000098000000000R",
	} {
		if got := validity(d); got != want {
			t.Errorf("validity(%s) = %q, want %q", d, got, want)
		}
	}
}

func FuzzReceipt(f *testing.F) {
	f.Add([]byte("id:1F sub:001 dlvrd:001 submit date:2611201010 done date:2611201015 stat:DELIVRD err:000 text:hi"), []byte("1F\x00"))
	f.Add([]byte("İd:1 stat:"), []byte(nil))
	f.Add([]byte("text: text:"), []byte("\x00"))
	l := &Link{cfg: Config{Name: "a", ReceiptIDs: Hex, Zone: time.UTC}}
	f.Fuzz(func(t *testing.T, body, id []byte) {
		r, ok := l.receiptOf(deliver{body: body, params: map[uint16][]byte{tagReceiptedID: id}})
		if ok && r.Status == "" {
			t.Errorf("a receipt without a status: %+v", r)
		}
	})
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x10\x00\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x01"))
	f.Add([]byte("\x00\x00\x00\x03\x00\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x01"))
	f.Add([]byte("\x00\x01\x00\x11\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := bytes.NewReader(stream)
		for {
			before := r.Len()
			got, err := readFrame(r)
			var bad *badLength
			if errors.As(err, &bad) && !bad.lost {
				continue
			}
			if err != nil {
				return
			}
			if len(got.body)+headerSize != before-r.Len() {
				t.Fatalf("body of %d octets out of %d read", len(got.body), before-r.Len())
			}
		}
	})
}

func FuzzDeliver(f *testing.F) {
	f.Add([]byte("\x00\x01\x0113800000001\x00\x01\x0110690\x00\x40\x00\x00\x00\x00\x00\x00\x08\x00\x08\x05\x00\x03\x01\x02\x01\x6e\xe1"))
	f.Add([]byte("\x00\x01\x01\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x0f\x00\x00\x04\x24\x00\x02\xc2\xfa"))
	l := &Link{cfg: Config{Name: "a", Numbers: []string{"10690"}, Zone: time.UTC}}
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := parseDeliver(body)
		if err != nil {
			return
		}
		if len(d.hash) != 32 {
			t.Errorf("hash %q", d.hash)
		}
		l.receiptOf(d)
		l.partOf(d, incoming{})
	})
}

func BenchmarkParseDeliver(b *testing.B) {
	body := []byte("\x00\x01\x0113800000001\x00\x01\x0110690\x00\x40\x00\x00\x00\x00\x00\x00\x08\x00\x08\x05\x00\x03\x01\x02\x01\x6e\xe1")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseDeliver(body); err != nil {
			b.Fatal(err)
		}
	}
}
