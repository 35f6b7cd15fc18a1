package smpp_test

import (
	"crypto/tls"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/sms/smpp"
	"hotline/sms/smstest"
)

// encrypted is a carrier's side of TLS, and ours that trusts it.
func encrypted(t *testing.T, until time.Time, name string) (*tls.Config, *smpp.TLS) {
	t.Helper()
	cert, ca, err := smstest.Certificate(until, name)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, ca, 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}}, &smpp.TLS{CAFile: file}
}

// said is told that a log has a line.
type said chan struct{}

func (s said) Write(line []byte) (int, error) {
	select {
	case s <- struct{}{}:
	default:
	}
	return len(line), nil
}

func TestBadCertificatesSayWhatIsWrong(t *testing.T) {
	good, trusted := encrypted(t, time.Now().Add(time.Hour), "127.0.0.1")
	other, _ := encrypted(t, time.Now().Add(time.Hour), "127.0.0.1")
	named, trustsNamed := encrypted(t, time.Now().Add(time.Hour), "smsc.example")
	old, trustsOld := encrypted(t, time.Now().Add(-time.Hour), "127.0.0.1")
	for name, c := range map[string]struct {
		carrier *tls.Config
		ours    *smpp.TLS
		want    string
	}{
		"signed by somebody else":                          {other, trusted, "nobody we trust signed"},
		"not known to the system":                          {good, &smpp.TLS{}, "nobody we trust signed"},
		"for another name":                                 {named, trustsNamed, `not for "127.0.0.1"`},
		"for the name we were told":                        {named, &smpp.TLS{CAFile: trustsNamed.CAFile, ServerName: "smsc.example"}, "bound"},
		"expired":                                          {old, trustsOld, "not valid now"},
		"a carrier that speaks no TLS":                     {nil, trusted, "tls:"},
		"a carrier that speaks it to a line that does not": {good, nil, "bind"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := configFor(newSMSC(t, c.carrier), smstest.WallClock{})
			said := make(said, 1)
			cfg.TLS, cfg.Log = c.ours, slog.New(slog.NewTextHandler(said, nil))
			l := newLink(t, cfg)
			run(t, l, smstest.NewSink())
			select {
			case <-said: // that it is up, or why it is not
			case <-soon(t).Done():
				t.Fatal("it neither came up nor failed")
			}
			if d := l.Health().Detail; !strings.Contains(d, c.want) {
				t.Errorf("%q does not say %q", d, c.want)
			}
		})
	}
}

func TestBadCAFileIsRefusedAtOnce(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{empty: "holds no certificate", "/nowhere/ca.pem": "no such file"} {
		cfg := configFor(newSMSC(t, nil), smstest.WallClock{})
		cfg.TLS = &smpp.TLS{CAFile: file}
		if _, err := smpp.New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
