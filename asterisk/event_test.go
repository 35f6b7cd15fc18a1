package asterisk

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/CyCoreSystems/ari/v5"
	"github.com/google/go-cmp/cmp"
)

// busyEvent is a ChannelHangupRequest as Asterisk 22.10 sends it.
const busyEvent = `{"cause":17,"tech_cause":486,"type":"ChannelHangupRequest","timestamp":"2026-11-22T12:18:40.082+0800",` +
	`"channel":{"id":"hotline-m5y6bgji-l1","name":"PJSIP/carrier-00000001","state":"Down","protocol_id":"a6818498-d315-4143-8435-a6622133b4db",` +
	`"caller":{"name":"ab","number":"13800138000"},"connected":{"name":"ab","number":"13800138000"},"accountcode":"",` +
	`"dialplan":{"context":"hotline-in","exten":"s","priority":1,"app_name":"AppDial2","app_data":"(Outgoing Line)"},` +
	`"creationtime":"2026-11-22T12:18:40.081+0800","language":"zh"},"asterisk_id":"02:fc:00:00:00:01","application":"hotline"}`

const keyEvent = `{"type":"ChannelDtmfReceived","timestamp":"2026-11-22T12:18:40.082+0800","digit":"9","duration_ms":100,` +
	`"channel":{"id":"1795349920.0","name":"PJSIP/anonymous-00000000","state":"Up","protocol_id":"372qsdt6l6rkd3h5472otx2d61",` +
	`"caller":{"name":"","number":"13800138000"},"connected":{"name":"","number":""},"accountcode":"",` +
	`"dialplan":{"context":"hotline-in","exten":"12345","priority":6,"app_name":"Stasis","app_data":"hotline,inbound"},` +
	`"creationtime":"2026-11-22T12:18:40.077+0800","language":"zh"},"asterisk_id":"02:fc:00:00:00:01","application":"hotline"}`

func TestDecode(t *testing.T) {
	e, err := decode([]byte(busyEvent))
	if err != nil {
		t.Fatal(err)
	}
	if e.Type != hangupRequest || e.Channel.ID != "hotline-m5y6bgji-l1" || e.Cause != 17 || e.TechCause != 486 {
		t.Errorf("event %+v", e)
	}
	if want := time.Date(2026, 11, 22, 4, 18, 40, 82e6, time.UTC); !e.at().Equal(want) {
		t.Errorf("at %v, want %v", e.at(), want)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		busyEvent, keyEvent, `{"type":"StasisStart","channel":{"id":"1"},"args":[]}`,
		`{"type":"PlaybackFinished","playback":{"id":"p","state":"done"}}`,
		`{"type":"RecordingFinished","recording":{"name":"r","duration":3}}`, `{"type":"X"}`, `{}`, `null`, `[1]`, `{"type":"StasisEnd"`,
		`{"type":"CallBroadcast","channel":{"id":"1","channelvars":{"NOTE":"a\u00e9\n","X":null},"creationtime":"t"},"called":"12345"}`,
		`{ "TYPE" : "\ud800\/" , "cauſe" : -0 , "tech_cause" : 1e2 , "x" : [ true, false, null, 1.5E+3, {} ] }`,
		"{\"type\":\"\xff\",\"digit\":\"b\",\"digit\":null,\"channel\":{\"caller\":null},\"channel\":null}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		e, err := decode(message)
		if (e == nil) == (err == nil) {
			t.Fatalf("event %v, error %v", e, err)
		}
		want := &event{}
		if wrong := json.Unmarshal(message, want); (wrong != nil) != (err != nil && strings.HasPrefix(err.Error(), "malformed")) {
			t.Fatalf("%v, but encoding/json says %v", err, wrong)
		} else if err == nil && !cmp.Equal(want, e) {
			t.Fatalf("differs from encoding/json's (-want +got):\n%s", cmp.Diff(want, e))
		}
		if err != nil {
			return
		}
		e.at()
		e.key()
		// Routing must find what it looks at; unknown calls are the worst case.
		s, _ := New(Config{URL: "http://127.0.0.1:1", User: "u", Password: "p"})
		s.draining.Store(true)
		if e.Type != stasisStart {
			s.route(e)
		}
	})
}

func FuzzMeasureWAV(f *testing.F) {
	f.Add(wav(8000, 8000, 4000))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVEfmt \xff\xff\xff\xff"))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVELIST\xff\xff\xff\x7f"))
	f.Fuzz(func(t *testing.T, b []byte) {
		length, speech, err := MeasureWAV(bytes.NewReader(b))
		if err != nil && !errors.Is(err, errNotWAV) || speech > length || length < 0 {
			t.Fatalf("length %v, speech %v, %v", length, speech, err)
		}
	})
}

// wav makes a recording: loud samples, then quiet ones.
func wav(rate, loud, quiet int) []byte {
	var b bytes.Buffer
	b.WriteString("RIFF\x00\x00\x00\x00WAVEfmt ")
	binary.Write(&b, binary.LittleEndian, []uint32{16, 1 | 1<<16, uint32(rate), uint32(2 * rate), 2 | 16<<16})
	b.WriteString("data\x00\x00\x00\x00")
	for i := range loud + quiet {
		v := int16(10)
		if i < loud {
			v = int16(3000 * (1 - i%2*2))
		}
		binary.Write(&b, binary.LittleEndian, v)
	}
	return b.Bytes()
}

func TestMeasureWAV(t *testing.T) {
	for _, test := range []struct {
		name           string
		file           []byte
		length, speech time.Duration
		fails          bool
	}{
		{name: "speech, then silence", file: wav(8000, 8000, 4000), length: 1500 * time.Millisecond, speech: time.Second},
		{name: "16 kHz", file: wav(16000, 16000, 0), length: time.Second, speech: time.Second},
		{name: "silence alone", file: wav(8000, 0, 8000), length: time.Second},
		{name: "nothing", file: wav(8000, 0, 0)},
		{name: "other format", file: []byte("OggS nothing of ours"), fails: true},
		{name: "empty", fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			length, speech, err := MeasureWAV(bytes.NewReader(test.file))
			if length != test.length || speech != test.speech || (err != nil) != test.fails {
				t.Errorf("length %v, speech %v, %v; want %v, %v", length, speech, err, test.length, test.speech)
			}
		})
	}
}

func TestNormalise(t *testing.T) {
	for number, want := range map[string]string{
		"13800138000": "13800138000", "+86 138-0013-8000": "13800138000", "008613800138000": "13800138000",
		"8613800138000": "13800138000", "+8637155551234": "37155551234", "037155551234": "037155551234",
		"86555123": "86555123", "+442071234567": "00442071234567", "anonymous": "", "": "", "+": "", "110": "110",
	} {
		if got := Normalise(number); got != want {
			t.Errorf("Normalise(%q) = %q, want %q", number, got, want)
		}
	}
}

func TestCallerIDCannotLeaveItsHeader(t *testing.T) {
	for _, o := range []DialOptions{
		{CallerID: "138\r\nX: y", CallerName: "a\r\nb"}, {CallerID: `1"<2>`, CallerName: `x" <sip:evil>\`},
	} {
		if id := callerID(o); strings.ContainsAny(id, "\r\n\\") || strings.Count(id, `"`) != 2 || strings.Count(id, "<") != 1 {
			t.Errorf("caller id %q from %+v", id, o)
		}
	}
}

func TestOutcome(t *testing.T) {
	for _, test := range []struct {
		status, cause int
		rang          bool
		want          DialOutcome
	}{
		{486, 17, true, Busy}, {600, 17, false, Busy}, {603, 21, true, Declined}, {403, 21, false, Unreachable}, {403, 21, true, Declined}, {401, 21, false, Unreachable},
		{480, 19, true, Declined}, {480, 19, false, Unreachable}, {408, 18, true, NoAnswer}, {408, 18, false, Unreachable},
		{404, 1, false, Unreachable}, {503, 34, true, Unreachable}, {500, 38, false, Unreachable},
		{0, 17, false, Busy}, {0, 21, false, Declined}, {0, 19, true, NoAnswer}, {0, 19, false, Unreachable}, {0, 0, true, Unreachable},
	} {
		if got := outcome(Dialed{Status: test.status, Cause: test.cause}, test.rang); got != test.want {
			t.Errorf("status %d, cause %d, rang %v: %s, want %s", test.status, test.cause, test.rang, got, test.want)
		}
	}
}

func TestMaskEndpoint(t *testing.T) {
	for endpoint, want := range map[string]string{
		"PJSIP/13900139000@carrier": "PJSIP/139****9000@carrier", "PJSIP/110@carrier": "PJSIP/110@carrier", "PJSIP/8001": "PJSIP/8001",
	} {
		if diff := cmp.Diff(want, maskEndpoint(endpoint)); diff != "" {
			t.Errorf("masked (-want +got):\n%s", diff)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	message := []byte(keyEvent)
	b.Run("own", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := decode(message); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ari.DecodeEvent(message); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRoute is a key's way from its decoding to its call's mailbox, beside a
// thousand other calls, and out again.
func BenchmarkRoute(b *testing.B) {
	s, err := New(Config{URL: "http://127.0.0.1:1", User: "u", Password: "p"})
	if err != nil {
		b.Fatal(err)
	}
	var last *Call
	for range 1000 {
		last = s.newCall(s.ids.next("c"))
		s.calls.add(route{'c', last.id}, last)
	}
	e := &event{Type: dtmfReceived, Digit: "1", Channel: &channelInfo{ID: last.id}}
	b.ReportAllocs()
	for b.Loop() {
		s.route(e)
		last.box.take()
	}
}

func TestSource(t *testing.T) {
	for data, want := range map[string]string{
		"500,^hotline-,inbound,192.0.2.1:5060": "192.0.2.1", "500,^hotline-,inbound,[2001:db8::1]:5060": "2001:db8::1",
		"500,^hotline-,inbound,[::ffff:192.0.2.1]:5060": "192.0.2.1", "500,^hotline-,inbound,": "invalid IP",
		"500,^hotline-,inbound": "invalid IP", "hotline,leg": "invalid IP", "500,^hotline-,inbound,x": "invalid IP",
	} {
		var c channelInfo
		c.Dialplan.AppData = data
		if got := c.source().String(); got != want {
			t.Errorf("%q: %s, want %s", data, got, want)
		}
	}
}
