package smpp

import (
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
	p := protocol{Config{ReceiptIDs: Hex, Zone: time.FixedZone("CST", 8*3600)}}
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
		if got := p.receiptOf(c.d); (got != nil) != c.ok || c.ok && *got != c.want {
			t.Errorf("%s: %+v\nwant %+v %v", c.name, got, c.want, c.ok)
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

func BenchmarkParseDeliver(b *testing.B) {
	body := []byte("\x00\x01\x0113800000001\x00\x01\x0110690\x00\x40\x00\x00\x00\x00\x00\x00\x08\x00\x08\x05\x00\x03\x01\x02\x01\x6e\xe1")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseDeliver(body); err != nil {
			b.Fatal(err)
		}
	}
}

// Whole PDUs, written out field by field from the standard.
func TestFrames(t *testing.T) {
	p := protocol{Config{SystemID: "hotline", Password: "secret", SystemType: "GOV", Numbers: []string{"1069012345"}, Receipts: true, DestTON: 1, DestNPI: 1}}
	bind := func(role sms.Role) (asked sms.Frame) {
		_ = p.Login(t.Context(), role, func(f sms.Frame) (sms.Frame, error) { asked = f; return f.Answer(0, nil), nil })
		return asked
	}
	submits, err := p.Submits(sms.Outgoing{To: "13800000001", Ext: "07", Text: strings.Repeat("长", 71), Ref: 9, Validity: 12 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	deliver := sms.Frame{Command: deliverSM, Seq: 7}
	const hello = "hotline\x00secret\x00GOV\x00\x34\x00\x00\x00"
	for name, c := range map[string]struct {
		frame sms.Frame
		want  string
	}{
		"bind_transceiver": {bind(sms.Transceiver), "\x00\x00\x00\x27\x00\x00\x00\x09" + strings.Repeat("\x00", 8) + hello},
		"bind_transmitter": {bind(sms.Transmitter), "\x00\x00\x00\x27\x00\x00\x00\x02" + strings.Repeat("\x00", 8) + hello},
		"bind_receiver":    {bind(sms.Receiver), "\x00\x00\x00\x27\x00\x00\x00\x01" + strings.Repeat("\x00", 8) + hello},
		"submit_sm, the second part": {submits[1], "\x00\x00\x00\x58\x00\x00\x00\x04" + strings.Repeat("\x00", 8) +
			"\x00\x00\x00106901234507\x00\x01\x018613800000001\x00\x40\x00\x00\x00" + "000000120000000R\x00" + "\x01\x00\x08\x00" +
			"\x0e\x05\x00\x03\x09\x02\x02" + strings.Repeat("\x95\x7f", 4)},
		"enquire_link":          {p.Ask(sms.Probe), "\x00\x00\x00\x10\x00\x00\x00\x15" + strings.Repeat("\x00", 8)},
		"unbind":                {p.Ask(sms.Farewell), "\x00\x00\x00\x10\x00\x00\x00\x06" + strings.Repeat("\x00", 8)},
		"deliver_sm_resp":       {p.Reply(deliver, nil), "\x00\x00\x00\x11\x80\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x07\x00"},
		"come again":            {p.Reply(deliver, sms.ErrAgain), "\x00\x00\x00\x11\x80\x00\x00\x05\x00\x00\x00\x64\x00\x00\x00\x07\x00"},
		"generic_nack":          {p.Reply(sms.Frame{Command: 0x999, Seq: 7}, sms.ErrCommand), "\x00\x00\x00\x10\x80\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x07"},
		"enquire_link_resp":     {p.Reply(sms.Frame{Command: enquireLink, Seq: 7}, nil), "\x00\x00\x00\x10\x80\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x07"},
		"a length that is none": {p.Reply(deliver, sms.ErrLength), "\x00\x00\x00\x10\x80\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x07"},
	} {
		if got := framing.Bytes(c.frame); string(got) != c.want {
			t.Errorf("%s is written\n% x, want\n% x", name, got, c.want)
		}
	}
}
