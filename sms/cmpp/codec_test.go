package cmpp

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/sms"
)

// pad is an octet string as the documents have it: filled up with NULs.
func pad(s string, n int) string { return s + strings.Repeat("\x00", n-len(s)) }

// vectors are PDUs with their octets, written out field by field from the documents.
var vectors = []struct {
	name string
	Version
	body body
	want string
}{
	{"connect, 2.0", V20, &Connect{Source: "901234", Auth: [16]byte{1, 2, 15: 3}, Version: V20, Stamp: 314092653},
		"901234" + "\x01\x02" + pad("", 13) + "\x03" + "\x20" + "\x12\xb8\xac\x6d"},
	{"connect, 3.0, short SP_Id", V30, &Connect{Source: "9012", Version: V30, Stamp: 1231235959},
		"9012\x00\x00" + pad("", 16) + "\x30" + "\x49\x63\x2b\x77"},
	{"connect_resp, 2.0", V20, &ConnectResp{Status: 3, Version: V20}, "\x03" + pad("", 16) + "\x20"},
	{"connect_resp, 3.0", V30, &ConnectResp{Status: 4, Version: V30}, "\x00\x00\x00\x04" + pad("", 16) + "\x30"},
	{"submit, 2.0", V20, submitOne(),
		pad("", 8) + "\x02\x01\x01\x00" + pad("HOT", 10) + "\x02" + pad("", 21) + "\x00\x01\x08" + "901234" +
			"01" + "000000" + "261120120000032+\x00" + pad("", 17) + pad("1069012345"+"07", 21) + "\x01" + pad("13800000001", 21) +
			"\x08\x05\x00\x03\x07\x02\x01\x4f\x60" + pad("", 8)},
	{"submit, 3.0", V30, submitOne(),
		pad("", 8) + "\x02\x01\x01\x00" + pad("HOT", 10) + "\x02" + pad("", 32) + "\x00" + "\x00\x01\x08" + "901234" +
			"01" + "000000" + "261120120000032+\x00" + pad("", 17) + pad("1069012345"+"07", 21) + "\x01" + pad("13800000001", 32) + "\x00" +
			"\x08\x05\x00\x03\x07\x02\x01\x4f\x60" + pad("", 20)},
	{"submit_resp, 2.0", V20, &Resp{MsgID: 0x0102030405060708, Result: 8}, "\x01\x02\x03\x04\x05\x06\x07\x08" + "\x08"},
	{"submit_resp, 3.0", V30, &Resp{MsgID: 0x0102030405060708, Result: 300}, "\x01\x02\x03\x04\x05\x06\x07\x08" + "\x00\x00\x01\x2c"},
	{"deliver, 2.0", V20, &Deliver{MsgID: 9, To: "106901234507", Service: "HOT", Fmt: 15, From: "8613800000001", Content: []byte("\xc2\xfa")},
		pad("", 7) + "\x09" + pad("106901234507", 21) + pad("HOT", 10) + "\x00\x00\x0f" + pad("8613800000001", 21) + "\x00" + "\x02\xc2\xfa" + pad("", 8)},
	{"deliver, 3.0", V30, &Deliver{MsgID: 9, To: "106901234507", TPUdhi: 1, From: "13800000001", FromType: 1, IsReport: 1, Content: []byte("ab")},
		pad("", 7) + "\x09" + pad("106901234507", 21) + pad("", 10) + "\x00\x01\x00" + pad("13800000001", 32) + "\x01\x01" + "\x02ab" + pad("", 20)},
	{"report, 2.0", V20, &Report{MsgID: 7, Stat: "DELIVRD", SubmittedAt: "2611201014", DoneAt: "2611201015", To: "13800000001", Sequence: 5},
		pad("", 7) + "\x07" + "DELIVRD" + "2611201014" + "2611201015" + pad("13800000001", 21) + "\x00\x00\x00\x05"},
	{"report, 3.0", V30, &Report{MsgID: 7, Stat: "MA:0001", SubmittedAt: "2611201014", DoneAt: "2611201015", To: "13800000001"},
		pad("", 7) + "\x07" + "MA:0001" + "2611201014" + "2611201015" + pad("13800000001", 32) + "\x00\x00\x00\x00"},
}

func submitOne() *Submit {
	return &Submit{
		PkTotal: 2, PkNumber: 1, Report: 1, Service: "HOT", FeeUser: 2, TPUdhi: 1, Fmt: 8, Source: "901234",
		FeeType: "01", FeeCode: "000000", ValidUntil: "261120120000032+", From: "106901234507", To: []string{"13800000001"},
		Content: []byte("\x05\x00\x03\x07\x02\x01\x4f\x60"),
	}
}

func TestLayouts(t *testing.T) {
	for _, v := range vectors {
		got := Marshal(v.body, v.Version)
		if string(got) != v.want {
			t.Errorf("%s is written\n% x, want\n% x", v.name, got, v.want)
		}
		read := reflect.New(reflect.TypeOf(v.body).Elem()).Interface().(body)
		if err := Unmarshal(read, v.Version, []byte(v.want)); err != nil {
			t.Errorf("%s: %v", v.name, err)
		}
		if diff := cmp.Diff(v.body, read); diff != "" {
			t.Errorf("%s is read (-want +got):\n%s", v.name, diff)
		}
	}
}

// Whole PDUs, as they are on the wire.
func TestFrames(t *testing.T) {
	report := vectors[len(vectors)-2].want // of 60 octets
	deliver := &Deliver{MsgID: 9, To: "1069012345", From: "13800000001", IsReport: 1, Content: []byte(report)}
	for name, c := range map[string]struct {
		frame sms.Frame
		want  string
	}{
		"connect": {sms.Frame{Command: CmdConnect, Seq: 1, Body: []byte(vectors[0].want)},
			"\x00\x00\x00\x27\x00\x00\x00\x01\x00\x00\x00\x01901234\x01\x02" + pad("", 13) + "\x03\x20\x12\xb8\xac\x6d"},
		"active test":           {protocol{}.Ask(sms.Probe), "\x00\x00\x00\x0c\x00\x00\x00\x08\x00\x00\x00\x00"},
		"answer to active test": {protocol{}.Reply(sms.Frame{Command: CmdActiveTest, Seq: 0x01020304}, nil), "\x00\x00\x00\x0d\x80\x00\x00\x08\x01\x02\x03\x04\x00"},
		"terminate":             {protocol{}.Ask(sms.Farewell), "\x00\x00\x00\x0c\x00\x00\x00\x02\x00\x00\x00\x00"},
		"answer to terminate":   {protocol{}.Reply(sms.Frame{Command: CmdTerminate, Seq: 5}, nil), "\x00\x00\x00\x0c\x80\x00\x00\x02\x00\x00\x00\x05"},
		"a report delivered": {sms.Frame{Command: CmdDeliver, Seq: 2, Body: Marshal(deliver, V20)},
			"\x00\x00\x00\x91\x00\x00\x00\x05\x00\x00\x00\x02" + pad("", 7) + "\x09" + pad("1069012345", 21) + pad("", 10) +
				"\x00\x00\x00" + pad("13800000001", 21) + "\x01\x3c" + report + pad("", 8)},
		"its answer, 2.0": {protocol{Config{Version: V20}}.Reply(sms.Frame{Command: CmdDeliver, Seq: 2, Body: Marshal(deliver, V20)}, nil),
			"\x00\x00\x00\x15\x80\x00\x00\x05\x00\x00\x00\x02" + pad("", 7) + "\x09\x00"},
		"its answer, 3.0, not stored": {protocol{Config{Version: V30}}.Reply(sms.Frame{Command: CmdDeliver, Seq: 2, Body: Marshal(deliver, V30)}, sms.ErrAgain),
			"\x00\x00\x00\x18\x80\x00\x00\x05\x00\x00\x00\x02" + pad("", 7) + "\x09\x00\x00\x00\x08"},
	} {
		if got := Bytes(c.frame); string(got) != c.want {
			t.Errorf("%s is written\n% x, want\n% x", name, got, c.want)
		}
	}
}

// The totals the documents give.
func TestSizes(t *testing.T) {
	s, d := submitOne(), &Deliver{Content: []byte("abc")}
	for name, c := range map[string]struct{ got, want int }{
		"connect":      {len(Marshal(&Connect{}, V20)), 39 - framing.Header},
		"submit 2.0":   {len(Marshal(s, V20)), 138 + 21 + 8 - framing.Header},
		"submit 3.0":   {len(Marshal(s, V30)), 163 + 32 + 8 - framing.Header},
		"deliver 2.0":  {len(Marshal(d, V20)), 85 + 3 - framing.Header},
		"deliver 3.0":  {len(Marshal(d, V30)), 109 + 3 - framing.Header},
		"report 2.0":   {len(Marshal(&Report{}, V20)), 60},
		"report 3.0":   {len(Marshal(&Report{}, V30)), 71},
		"whole frame":  {len(Bytes(sms.Frame{Command: CmdActiveTest | sms.AnswerBit, Seq: 1, Body: []byte{0}})), 13},
		"a text cut":   {len(Marshal(&Submit{Service: strings.Repeat("x", 99)}, V20)), 138 - framing.Header},
		"no receivers": {len(Marshal(&Submit{}, V30)), 163 - framing.Header},
	} {
		if c.got != c.want {
			t.Errorf("%s has %d octets, want %d", name, c.got, c.want)
		}
	}
}

// Computed apart from this code, with md5sum: the SP_Id is hashed as its field of six.
func TestAuthenticators(t *testing.T) {
	source := AuthSource("9012", "hush", 314092653)
	if got := hex.EncodeToString(source[:]); got != "8d112944587af2e04202ad0a95c9017a" {
		t.Errorf("source %s", got)
	}
	for v, want := range map[Version]string{V20: "af8cf2a56caac1f736667e110152e13e", V30: "290e8f5b02672c0618d71b5106f9c732"} {
		if got := AuthISMG(v, 0, source, "hush"); hex.EncodeToString(got[:]) != want {
			t.Errorf("ISMG of %s %x, want %s", v, got, want)
		}
	}
}

// A gateway answers in the form of the other version: the length tells.
func TestResultsOfTheOtherVersion(t *testing.T) {
	for _, v := range []Version{V20, V30} {
		for _, wide := range []Version{V20, V30} {
			var r Resp
			if err := Unmarshal(&r, v, Marshal(&Resp{MsgID: 7, Result: 8}, wide)); err != nil || r.Result != 8 || r.MsgID != 7 {
				t.Errorf("%s read as %s: %+v %v", wide, v, r, err)
			}
			var c ConnectResp
			if err := Unmarshal(&c, v, Marshal(&ConnectResp{Status: 3, Version: wide}, wide)); err != nil || c.Status != 3 || c.Version != wide {
				t.Errorf("%s read as %s: %+v %v", wide, v, c, err)
			}
		}
	}
}

func TestBadBodies(t *testing.T) {
	whole := string(Marshal(&Deliver{MsgID: 9, To: "1069", From: "138", Content: []byte("abc")}, V20))
	upToContent := len(whole) - 8 - 3
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"without its tail":      {whole[:len(whole)-8], nil},
		"with a longer tail":    {whole + pad("", 12), nil},
		"content over the end":  {whole[:upToContent] + "a", errLength},
		"no content":            {whole[:upToContent-1], errStructure},
		"cut in a field":        {whole[:30], errStructure},
		"nothing":               {"", errStructure},
		"an id and a half":      {whole[:12], errStructure},
		"a length and no text":  {whole[:upToContent-1] + "\xff", errLength},
		"2.0 with all its text": {whole, nil},
	} {
		var d Deliver
		if err := Unmarshal(&d, V20, []byte(c.body)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if len(c.body) >= 8 && d.MsgID != 9 {
			t.Errorf("%s: the id is lost", name)
		}
	}
	var s Submit
	if err := Unmarshal(&s, V20, []byte(pad("", 117-1)+"\xff")); err == nil || len(s.To) != 255 {
		t.Errorf("255 receivers that are not there: %v, %d", err, len(s.To))
	}
}

// The document of 3.0 prints a number of 21 octets in the report, gateways send 32; some
// count 71 and send 60, some send anything.
func TestReportsOfEveryLength(t *testing.T) {
	r := Report{MsgID: 7, Stat: "DELIVRD", SubmittedAt: "2611201014", DoneAt: "2611201015", To: "13800000001", Sequence: 5}
	head := Report{MsgID: 7, Stat: "DELIVRD", SubmittedAt: "2611201014", DoneAt: "2611201015"}
	short, long := Marshal(&r, V20), Marshal(&r, V30)
	for n, c := range map[int]struct {
		content []byte
		want    Report
		ok      bool
	}{
		71: {long, r, true},
		60: {short, r, true},
		80: {append(bytes.Clone(long), pad("", 9)...), r, true},
		65: {append(bytes.Clone(short), pad("", 5)...), head, true},
		40: {short[:40], head, true},
		35: {short[:35], head, true},
		20: {short[:20], Report{MsgID: 7, Stat: "DELIVRD", SubmittedAt: "26112"}, true},
		15: {short[:15], Report{MsgID: 7, Stat: "DELIVRD"}, true},
		14: {short[:14], Report{MsgID: 7, Stat: "DELIVR"}, false},
		0:  {nil, Report{}, false},
		-1: {make([]byte, 60), Report{}, false}, // it names no text
	} {
		got, ok := ReadReport(c.content)
		if ok != c.ok || got != c.want {
			t.Errorf("of %d octets: %+v %v, want %+v", n, got, ok, c.want)
		}
	}
	// 71 counted, 60 sent, then the LinkID.
	got, ok := ReadReport(append(bytes.Clone(short), pad("", 11)...))
	if !ok || got.To != "13800000001" || got.DoneAt != "2611201015" {
		t.Errorf("71 of which 60: %+v", got)
	}
}

func TestMsgIDTellsWhen(t *testing.T) {
	cst := time.FixedZone("CST", 8*3600)
	at := time.Date(2026, 11, 20, 10, 15, 59, 0, cst)
	id := NewMsgID(at, 0x3FFFFFFFFF)
	if want := MsgID(11<<60 | 20<<55 | 10<<50 | 15<<44 | 59<<38 | (1<<38 - 1)); id != want {
		t.Errorf("id %x, want %x", uint64(id), uint64(want))
	}
	if s := id.String(); s != "13414251865588105215" {
		t.Errorf("canonical %s", s)
	}
	if got := id.Time(at.Add(time.Hour), cst); !got.Equal(at) {
		t.Errorf("time %v", got)
	}
	eve := time.Date(2026, 12, 31, 23, 59, 0, 0, cst)
	if got := NewMsgID(eve, 1).Time(eve.Add(2*time.Minute), cst); !got.Equal(eve) {
		t.Errorf("over the new year: %v", got)
	}
	if got := NewMsgID(eve.Add(2*time.Minute), 1).Time(eve, cst); !got.Equal(eve.Add(2 * time.Minute)) {
		t.Errorf("before the new year by our clock: %v", got)
	}
	leap := time.Date(2028, 2, 29, 12, 0, 0, 0, cst)
	if got := NewMsgID(leap, 1).Time(leap.Add(time.Hour), cst); !got.Equal(leap) {
		t.Errorf("on the 29th of February: %v", got)
	}
	for _, id := range []MsgID{0, 1, 1<<64 - 1, 2<<60 | 31<<55, 13<<60 | 1<<55, 1<<60 | 1<<55 | 24<<50} {
		if got := id.Time(at, cst); !got.IsZero() {
			t.Errorf("%x holds no time, but %v", uint64(id), got)
		}
	}
}

func TestStampOfAGreeting(t *testing.T) {
	if got := stampOf(time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)); got != 314092653 {
		t.Errorf("%d", got)
	}
}
