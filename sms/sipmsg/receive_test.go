package sipmsg_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sms"
	"hotline/sms/sipmsg"
	"hotline/sms/smstest"
)

// newCertificate is a certificate for 127.0.0.1 that itself is trusted.
func newCertificate(t testing.TB) *tls.Config {
	t.Helper()
	cert, ca, err := smstest.Certificate(time.Now().Add(time.Hour), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	return &tls.Config{Certificates: []tls.Certificate{cert}, RootCAs: roots}
}

func TestWhatIsNoTextIsRefused(t *testing.T) {
	d := newDesk(t, "", smstest.SoftphoneOptions{}, nil)
	sink := run(t, d.Link)
	kind := func(v string) func(*sip.Request) {
		return func(r *sip.Request) { r.RemoveHeader("Content-Type"); r.AppendHeader(sip.NewHeader("Content-Type", v)) }
	}
	for name, c := range map[string]struct {
		change func(*sip.Request)
		status int
		header string
	}{
		"is-composing":      {kind("application/im-iscomposing+xml"), 415, "Accept"},
		"CPIM":              {kind("message/cpim"), 415, "Accept"},
		"GBK":               {kind("text/plain;charset=gbk"), 415, "Accept"},
		"no type":           {func(r *sip.Request) { r.RemoveHeader("Content-Type") }, 415, "Accept"},
		"compressed":        {func(r *sip.Request) { r.AppendHeader(sip.NewHeader("Content-Encoding", "gzip")) }, 415, "Accept-Encoding"},
		"bad UTF-8":         {func(r *sip.Request) { r.SetBody([]byte{0xC4, 0xE3, 0xBA, 0xC3}) }, 415, "Accept"},
		"empty":             {func(r *sip.Request) { r.SetBody([]byte(" \r\n")) }, 400, ""},
		"in a dialog":       {func(r *sip.Request) { r.To().Params.Add("tag", "1") }, 481, ""},
		"an extension":      {func(r *sip.Request) { r.AppendHeader(sip.NewHeader("Require", "telepathy")) }, 420, "Unsupported"},
		"a stranger's name": {func(r *sip.Request) { r.From().Address.User = "999" }, 403, ""},
		"far too long":      {func(r *sip.Request) { r.SetBody([]byte(strings.Repeat("长", 3000))) }, 413, ""},
		"a call":            {func(r *sip.Request) { r.Method, r.CSeq().MethodName = sip.SUBSCRIBE, sip.SUBSCRIBE }, 405, "Allow"},
	} {
		req := d.phone.Message(officer, number, "收到")
		c.change(req)
		res, err := d.phone.Do(soon(t), req)
		if err != nil || res.StatusCode != c.status || c.header != "" && res.GetHeader(c.header) == nil {
			t.Errorf("%s: %v, %v; want %d with %s", name, res, err, c.status, c.header)
		}
	}
	if got := d.Stats().Refused; got != 12 {
		t.Errorf("%d refusals counted", got)
	}
	if err := d.phone.Deliver(soon(t), officer, number, "收到"); err != nil {
		t.Fatal(err)
	}
	if parts, err := sink.Parts(soon(t), 1); err != nil || len(parts) != 1 || parts[0].Text != "收到" || parts[0].To != number {
		t.Errorf("stored %+v, %v", parts, err)
	}
}

// A phone that says the same twice, by whatever way, has said it once.
func TestRepeatedTextIsKnown(t *testing.T) {
	d := newDesk(t, "", smstest.SoftphoneOptions{}, nil)
	d.phone.Tune(func(k *smstest.Knobs) { k.Twice = true })
	sink := run(t, d.Link)
	for range 2 {
		if err := d.phone.Deliver(soon(t), officer, number, "收到"); err != nil {
			t.Fatal(err)
		}
	}
	ids := map[string]bool{}
	parts, err := sink.Parts(soon(t), 4)
	for _, p := range parts {
		ids[p.ID] = true
	}
	if err != nil || len(ids) != 2 || len(parts) != 4 {
		t.Errorf("%d ids of %d parts, %v", len(ids), len(parts), err)
	}
}

// counts waits until the link's counts are so.
func (d *desk) counts(t *testing.T, so func() bool) {
	t.Helper()
	for limit := soon(t); !so(); runtime.Gosched() {
		if limit.Err() != nil {
			t.Fatalf("counts stay at %+v, %+v", d.Stats(), d.Health().Stats)
		}
	}
}

func TestGarbageIsCountedAndSurvived(t *testing.T) {
	d := newDesk(t, "", smstest.SoftphoneOptions{}, nil)
	run(t, d.Link)
	for _, network := range []string{"udp", "tcp"} {
		for _, junk := range []string{
			"\x00\x01\x02\x03\xff\xfe rubbish\r\n\r\n",
			"MESSAGE sip:1@127.0.0.1 SIP/2.0\r\nVia: \r\nContent-Length: 99999999999999999999\r\n\r\n",
			"MESSAGE sip:1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nContent-Length: 0\r\n\r\n",
			"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\nContent-Length: 0\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		} {
			conn, err := net.Dial(network, d.Addr())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Write([]byte(junk)); err != nil {
				t.Error(err)
			}
			conn.Close()
		}
	}
	d.counts(t, func() bool { return d.Health().Stats.Malformed >= 6 })
	if _, fault := send(t, d.Link, "还在"); fault != nil {
		t.Error(fault)
	}
	if err := d.phone.Deliver(soon(t), officer, number, "收到"); err != nil {
		t.Error(err)
	}
}

func TestStrangersAreNotHeard(t *testing.T) {
	d := newDesk(t, "", smstest.SoftphoneOptions{}, nil)
	sink := run(t, d.Link)
	other, err := smstest.NewSoftphone(smstest.SoftphoneOptions{Listen: "127.0.0.2:0", Hotline: func() string { return d.Addr() }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	tried, cancel := context.WithCancel(soon(t))
	done := make(chan error, 1)
	go func() { done <- other.Deliver(tried, officer, number, "骗局") }()
	d.counts(t, func() bool { return d.Stats().Strangers > 0 })
	cancel()
	if err := <-done; err == nil {
		t.Error("a stranger's text was taken")
	}
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	conn, err := dialer.DialContext(soon(t), "tcp", d.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d octets came to a stranger", n)
	}
	if parts, _ := sink.Parts(t.Context(), 0); len(parts) != 0 {
		t.Errorf("stored %+v", parts)
	}
}

func TestTextsByTLSFromThoseWhoTrustUs(t *testing.T) {
	ours := newCertificate(t)
	at := freeAddr(t)
	d := newDesk(t, ";transport=tls", smstest.SoftphoneOptions{TLS: ours, Network: "TLS"}, func(c *sipmsg.Config) {
		c.TLS, c.ListenTLS = ours, at
	})
	sink := run(t, d.Link)
	req := d.phone.Message(officer, number, "收到")
	req.SetDestination(at)
	res, err := d.phone.Do(soon(t), req)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("%v, %v", res, err)
	}
	if parts, err := sink.Parts(soon(t), 1); err != nil || parts[0].From != officer {
		t.Errorf("%+v, %v", parts, err)
	}
	strange := newDesk(t, ";transport=tls", smstest.SoftphoneOptions{TLS: newCertificate(t)}, func(c *sipmsg.Config) { c.TLS = ours })
	run(t, strange.Link)
	if _, fault := send(t, strange.Link, "警报"); fault == nil || fault.Fault != sms.Unreachable {
		t.Errorf("a certificate we do not trust: %v", fault)
	}
}
