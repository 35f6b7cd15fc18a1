package sipphone

import (
	"net/netip"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestSDPThereAndBack(t *testing.T) {
	want := description{addr: netip.MustParseAddrPort("127.0.0.1:40000"), codecs: []Codec{PCMA, G722}, keys: 101}
	got, err := parseSDP(want.write(7))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(description{}), cmpopts.EquateComparable(netip.AddrPort{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSDPOfOthers(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want description
		err  bool
	}{
		"video beside it, address below": {
			"v=0\r\nc=IN IP4 10.0.0.1\r\nm=video 9 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\nm=audio 5000 RTP/AVP 0 18 8 96 97\r\nc=IN IP4 10.0.0.2\r\n" +
				"a=rtpmap:96 telephone-event/16000\r\na=rtpmap:97 telephone-event/8000\r\n",
			description{addr: netip.MustParseAddrPort("10.0.0.2:5000"), codecs: []Codec{PCMU, PCMA}, keys: 97, others: []string{"video 9 RTP/AVP 99"}}, false,
		},
		"line feeds alone": {
			"v=0\nc=IN IP4 10.0.0.1\nm=audio 5000 RTP/AVP 9\n",
			description{addr: netip.MustParseAddrPort("10.0.0.1:5000"), codecs: []Codec{G722}}, false,
		},
		"refused":      {"c=IN IP4 10.0.0.1\r\nm=audio 0 RTP/AVP 8\r\n", description{}, true},
		"no address":   {"m=audio 5000 RTP/AVP 8\r\n", description{}, true},
		"bad port":     {"c=IN IP4 10.0.0.1\r\nm=audio 70000 RTP/AVP 8\r\n", description{}, true},
		"short m line": {"c=IN IP4 10.0.0.1\r\nm=audio 7\r\n", description{}, true},
		"empty":        {"", description{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseSDP([]byte(c.body))
			if (err != nil) != c.err {
				t.Fatalf("error %v", err)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(description{}), cmpopts.EquateComparable(netip.AddrPort{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestUserOf(t *testing.T) {
	for value, want := range map[string]string{
		`"Li Si" <sip:13800000001@127.0.0.1:5060>`: "13800000001",
		"<tel:+8613800000001>":                     "+8613800000001",
		"sip:8001@desk":                            "8001",
		"<sip:138;phone-context=cn@x>":             "138",
		"":                                         "",
		"<":                                        "",
		"nonsense":                                 "",
	} {
		if got := userOf(value); got != want {
			t.Errorf("userOf(%q) = %q, want %q", value, got, want)
		}
	}
}

func FuzzSDP(f *testing.F) {
	f.Add([]byte("v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 5000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"))
	f.Add([]byte("m=audio 1 RTP/AVP 200\nc=IN IP6 ::1/3"))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := parseSDP(body)
		if err != nil {
			return
		}
		if d.addr.Port() == 0 || !d.addr.Addr().IsValid() {
			t.Errorf("no error, no address: %v", d.addr)
		}
		if len(d.codecs) == 0 {
			return
		}
		again, err := parseSDP(d.write(1))
		if err != nil || again.addr.Port() != d.addr.Port() {
			t.Errorf("cannot read our own answer: %v", err)
		}
	})
}

func FuzzRTP(f *testing.F) {
	f.Add(packet{payload: 8, seq: 1, stamp: 160, source: 9, body: []byte{1, 2, 3, 0x80}}.append(nil))
	f.Add([]byte{0xbf, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parsePacket(b)
		if err != nil {
			return
		}
		q, err := parsePacket(p.append(nil))
		if err != nil || q.seq != p.seq || string(q.body) != string(p.body) {
			t.Errorf("%+v became %+v, %v", p, q, err)
		}
		if e, ok := parseEvent(p); ok {
			var l keyLog
			l.add(e, time.Unix(0, 0))
		}
	})
}

func FuzzWAV(f *testing.F) {
	f.Add(wavFile([]int16{1, 2, 3}, 8000))
	f.Add([]byte("RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		pcm, rate, err := parseWAV(b)
		if err == nil && (rate == 0 || 2*len(pcm) > len(b)) {
			t.Errorf("%d samples at %d out of %d bytes", len(pcm), rate, len(b))
		}
	})
}

func TestRetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{"300": 5 * time.Minute, " 18000;duration=3600": 5 * time.Hour, "120 (I'm in a meeting)": 2 * time.Minute,
		"-1": 0, "soon": 0, "99999999999999": 0} {
		res := sip.NewResponse(503, "Service Unavailable")
		res.AppendHeader(sip.NewHeader("Retry-After", value))
		if got := retryAfter(res); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
	if got := retryAfter(sip.NewResponse(503, "Service Unavailable")); got != 0 {
		t.Errorf("without: %v", got)
	}
}
