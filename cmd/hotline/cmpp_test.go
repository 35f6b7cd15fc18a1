package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"hotline/cmd/rig"
)

// TestSurveyOverCMPP: the SMSC cannot be reached, and an order, its survey and the answer
// go by CMPP: a report from the carrier opens the window and a handset's reply counts.
func TestSurveyOverCMPP(t *testing.T) {
	t.Parallel() // it waits for other processes most of its time
	c := newCalm(t, startRig(t, newTestRigOf(t, func(c *rig.Config) {
		c.Cluster.Through = func(_, to, addr string) string {
			if to == "smpp" {
				return "127.0.0.1:9" // nobody listens there
			}
			return addr
		}
		c.Env = append(c.Env, "HOTLINE_CMPP="+rig.Local(c.Ports.CMPP), "HOTLINE_CMPP_VERSION=3.0", "HOTLINE_CMPP_CONNECTIONS=2")
	})))
	c.told(partLink+"cmpp", true)
	c.told(partLink+"smpp", false)
	c.lacks() // one link of two will do
	c.surveyedOver("cmpp")
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		var metrics string
		err := c.console.get(ctx, "/metrics", &metrics)
		if err == nil && !strings.Contains(metrics, `link="cmpp"} 1`) {
			err = errors.New("/metrics does not tell of the link")
		}
		return err
	}))
}

func TestCMPPSettings(t *testing.T) {
	read := func(args ...string) (settings, error) {
		var s settings
		f := pflag.NewFlagSet("", pflag.ContinueOnError)
		s.bind(f)
		if err := f.Parse(append([]string{"--simulated", "carrier,carrier2"}, args...)); err != nil {
			t.Fatal(err)
		}
		return s, s.complete()
	}
	s, err := read("--cmpp", "192.0.2.1:7890", "--cmpp-user", "901234", "--cmpp-version", "3.0", "--cmpp-code", "1069012345", "--cmpp-connections", "4")
	if err != nil {
		t.Fatal(err)
	}
	links, err := s.specs()
	if l := links[0]; err != nil || fmt.Sprintf("%s %s %s %d", l.CMPP.Version, l.User, l.Numbers, l.Connections) != "3.0 901234 [1069012345] 4" {
		t.Errorf("%+v %v", l, err)
	}
	if s, err = read("--sms-number", "1068", "--cmpp", "192.0.2.1:7890", "--smpp", "192.0.2.1:2775"); err != nil {
		t.Fatal(err)
	}
	if links, err = s.specs(); err != nil || len(links) != 2 {
		t.Fatalf("%+v %v", links, err)
	}
	l, ways, err := transports(links, linkTools{clock: newClock(), log: slog.New(slog.DiscardHandler)})
	if err != nil || l[0].Health().Link != "smpp" || ways["smpp"].Order != 0 || ways["cmpp"].Order != 1 || ways["cmpp"].Bare {
		t.Errorf("%v %+v %v", l, ways, err)
	}
	_, err = read("--cmpp", "nowhere", "--cmpp-version", "2.1", "--cmpp-connections", "many")
	for _, part := range []string{"--cmpp: ", `"2.1" is neither`, `"many" is no number`} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not say %q", err, part)
		}
	}
}
