package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"hotline/sms/smstest"
)

// centre takes and brings texts by one protocol. All of them serve the same handsets.
type centre interface {
	Listen(addr string) error
	Close() error
	Bound() bool
	OnSubmit(f func(smstest.Text))
	OnWord(f func(smstest.Word))
	Tune(change func(*smstest.Knobs))
	Knobs() smstest.Knobs
	Submits() []smstest.Submit
	Deliver(ctx context.Context, from, to, text string) error
	Inject(raw []byte)
}

// The names of the centres, as texts and submits are marked with them.
const (
	overSMPP = "smpp"
	overCMPP = "cmpp"
	overHTTP = "http"
)

// overs are their names, in the order in which a handset's own text tries them.
var overs = []string{overSMPP, overCMPP, overHTTP}

// ismgSecret is what the ISMG proves to know, as the hotline expects by default;
// cloudSecret is what requests to the HTTP interface are signed with.
const (
	ismgSecret  = "hotline"
	cloudSecret = "hotline"
)

// centre is one by its name.
func (c *carrier) centre(over string) centre {
	switch over {
	case overCMPP:
		return c.ismg
	case overHTTP:
		return c.cloud
	}
	return c.smsc
}

// secured is how the SMSC speaks TLS, nil when it does not. Who is to trust it finds its
// certificate in the file.
func (c config) secured() (*tls.Config, error) {
	if c.SMPPTLS == "" {
		return nil, nil
	}
	host, _, err := net.SplitHostPort(c.SMPP)
	if err != nil {
		return nil, fmt.Errorf("smpp-tls: %w", err)
	}
	cert, pem, err := smstest.Certificate(time.Now().AddDate(0, 1, 0), "localhost", "127.0.0.1", cmp.Or(host, "::1"))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(c.SMPPTLS, pem, 0o600); err != nil {
		return nil, fmt.Errorf("smpp-tls: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

func (c *carrier) openCentres() error {
	secured, err := c.cfg.secured()
	if err != nil {
		return err
	}
	c.smsc = smstest.NewSMSC(smstest.Options{Log: c.log, TLS: secured})
	c.ismg = smstest.NewISMG(smstest.Options{Log: c.log, Password: ismgSecret})
	if c.cloud, err = smstest.NewCloud(smstest.Options{Log: c.log, Password: cloudSecret, AnyTime: true}, c.cfg.HTTPStyle); err != nil {
		return err
	}
	c.cloud.CallBack(c.cfg.HTTPBack)
	var errs []error
	for over, addr := range map[string]string{overSMPP: c.cfg.SMPP, overCMPP: c.cfg.CMPP, overHTTP: c.cfg.HTTPSMS} {
		c.centre(over).OnSubmit(func(t smstest.Text) { c.handsets.receive(over, t) })
		c.centre(over).OnWord(func(w smstest.Word) { c.handsets.word(over, w) })
		c.centre(over).Tune(func(k *smstest.Knobs) { *k = c.cfg.Knobs[over] })
		if err := c.centre(over).Listen(addr); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", over, err))
		}
	}
	return errors.Join(errs...)
}

func (c *carrier) closeCentres() {
	if c.cloud == nil {
		return
	}
	for _, over := range overs {
		if err := c.centre(over).Close(); err != nil {
			c.log.Debug("centre closed", "over", over, "error", err)
		}
	}
}

// way is the centre a handset's text goes by: the one that brought what it answers, if
// the hotline is there.
func (c *carrier) way(number, to string) string {
	ways := slices.Clone(overs)
	for _, t := range slices.Backward(c.handsets.of(number)) {
		if !t.Out && t.Peer == to {
			ways = slices.Insert(ways, 0, t.Over)
			break
		}
	}
	for _, over := range ways {
		if c.centre(over).Bound() {
			return over
		}
	}
	return ways[0]
}

// submit is one segment as the hotline submitted it: the carrier's own record, by which a
// test can tell that a question went out once.
type submit struct {
	Over string `json:"over"` // smpp, cmpp or http
	From string `json:"from"`
	To   string `json:"to"`
	Text string `json:"text"` // of this segment
	At   string `json:"at"`
}

// submits lists all segments since the start, oldest first.
func (c *carrier) submits() []submit {
	out := []submit{}
	for _, over := range overs {
		for _, s := range c.centre(over).Submits() {
			out = append(out, submit{Over: over, From: s.From, To: s.To, Text: s.Text, At: stamp(s.At)})
		}
	}
	slices.SortStableFunc(out, func(a, b submit) int { return strings.Compare(a.At, b.At) })
	return out
}

// longestInjection bounds what may be put on a link at once: more than the largest
// frame any text could be.
const longestInjection = 2 << 20

// postInject writes the body to the hotline's link as it is: bad lengths, unknown
// commands, garbage. It answers 204 whatever the hotline makes of it.
func (c *carrier) postInject(to centre) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestInjection))
		if err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		to.Inject(raw)
		w.WriteHeader(http.StatusNoContent)
	}
}
