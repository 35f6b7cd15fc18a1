package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/pflag"

	"hotline/cmd/rig"
	"hotline/dispatch/console"
	"hotline/sms"
)

// TestSurveyOverAPair: an order, its survey and the answer go by two SMPP connections: the
// receipt that opens the window and the reply come in on the one that only receives.
func TestSurveyOverAPair(t *testing.T) {
	t.Parallel() // it waits for other processes most of its time
	c := newCalm(t, startRig(t, newTestRigOf(t, func(c *rig.Config) { c.Env = append(c.Env, "HOTLINE_SMPP_BIND=pair") })))
	c.told(partLink+"smpp", true)
	c.surveyedOver("smpp")
	var metrics string
	c.must(c.console.get(c.ctx, "/metrics", &metrics))
	for _, figure := range []string{`sms_link_connects_total{link="smpp",outcome="bound"} 2`, `sms_link_hears{link="smpp"} 1`, `sms_link_received_total{link="smpp",what="text"} `} {
		if !strings.Contains(metrics, figure) {
			t.Errorf("/metrics does not say %s", figure)
		}
	}
}

// counted reports whether the console counts at least what a survey takes of a link.
func counted(v console.LinksView, name string) bool {
	return slices.ContainsFunc(v.Items, func(l console.Link) bool {
		return l.Name == name && l.Counts.Connects >= 1 && l.Counts.Taken >= 2 && l.Counts.Reports >= 2 && l.Counts.Texts >= 2
	})
}

// TestSurveyOverTLS: the same over TLS, with a certificate that only its own file vouches for.
func TestSurveyOverTLS(t *testing.T) {
	t.Parallel()
	ca := filepath.Join(t.TempDir(), "smsc.pem")
	c := newCalm(t, startRig(t, newTestRigOf(t, func(c *rig.Config) {
		c.Carrier = append(c.Carrier, "--smpp-tls", ca)
		c.Env = append(c.Env, "HOTLINE_SMPP_TLS=true", "HOTLINE_SMPP_CA="+ca)
	})))
	c.told(partLink+"smpp", true)
	c.surveyedOver("smpp")
	c.must(eventually(c.ctx, func(ctx context.Context) error { // the receipt of what the citizen got first may be last
		var links console.LinksView
		err := c.console.get(ctx, "/api/v1/links", &links)
		if err == nil && !counted(links, "smpp") {
			err = fmt.Errorf("the console's links: %+v", links)
		}
		return err
	}))
}

func TestSMPPSettings(t *testing.T) {
	read := func(args ...string) (settings, error) {
		var s settings
		f := pflag.NewFlagSet("", pflag.ContinueOnError)
		s.bind(f)
		if err := f.Parse(append([]string{"--simulated", "carrier,carrier2", "--smpp", "192.0.2.1:2775"}, args...)); err != nil {
			t.Fatal(err)
		}
		return s, s.complete()
	}
	s, err := read("--smpp-bind", "pair", "--smpp-tls", "--smpp-ca", "ca.pem", "--sms-number", "1069")
	if err != nil {
		t.Fatal(err)
	}
	links, err := s.specs()
	if l := links[0]; err != nil || l.SMPP != (smppSpec{Bind: "pair", TLS: true, CA: "ca.pem"}) || l.Numbers[0] != "1069" {
		t.Errorf("%+v %v", l, err)
	}
	if s, err = read(); err != nil {
		t.Fatal(err)
	}
	if links, err = s.specs(); err != nil || links[0].SMPP != (smppSpec{Bind: "transceiver"}) {
		t.Errorf("%+v %v", links, err)
	}
	if _, err = read("--smpp-bind", "both"); err == nil || !strings.Contains(err.Error(), `"both" is neither transceiver nor pair`) {
		t.Errorf("%v", err)
	}
}

// linkFigures is a collector of the links alone.
type linkFigures []sms.Health

func (l linkFigures) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(l, ch) }

func (l linkFigures) Collect(ch chan<- prometheus.Metric) { collectLinks(l, ch) }

func TestLinkFigures(t *testing.T) {
	st := sms.LinkStats{Submits: 5, Answers: 4, Throttled: 1, Refused: 1, Receipts: 2, Binds: 3, Oversize: 1}
	st.Response[0], st.Response[8], st.Response[len(sms.ResponseBounds)] = 2, 1, 1
	links := linkFigures{{Link: "a", Only: sms.Receiver, Window: 10, Free: 9, Stats: st}, {Link: "b", Up: true}}
	registry := prometheus.NewRegistry()
	registry.MustRegister(links)
	page := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`sms_link_answers_total{link="a",word="refused"} 1`, `sms_link_answers_total{link="a",word="taken"} 2`,
		`sms_link_answers_total{link="a",word="throttled"} 1`, `sms_link_submits_total{link="a"} 5`,
		`sms_link_up{link="a"} 0`, `sms_link_hears{link="a"} 1`, `sms_link_up{link="b"} 1`, `sms_link_hears{link="b"} 1`,
		`sms_link_window{link="a"} 10`, `sms_link_window_used{link="a"} 1`, `sms_link_received_total{link="a",what="receipt"} 2`,
		`sms_link_connects_total{link="a",outcome="bound"} 3`, `sms_link_oddities_total{link="a",what="wrong length"} 1`,
		`sms_link_response_seconds_bucket{link="a",le="0.005"} 2`, `sms_link_response_seconds_bucket{link="a",le="1"} 3`,
		`sms_link_response_seconds_bucket{link="a",le="60"} 3`, `sms_link_response_seconds_bucket{link="a",le="+Inf"} 4`,
	} {
		if !strings.Contains(page.Body.String(), want+"\n") {
			t.Errorf("/metrics does not say %s", want)
		}
	}
}
