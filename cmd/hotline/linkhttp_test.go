package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/cmd/rig"
)

// httpLinks is a file of one link over HTTP.
const httpLinks = `links:
  - name: cloud
    kind: http
    address: http://%s
    user: development
    secret-env: TEST_HTTP_SECRET
    numbers: ["1069012345"]
    http:
      api: %s
      vars: {region: here, app: "14"}
      listen: %s
      token-env: TEST_HTTP_TOKEN
      templates:
        - {id: SMS_100000001, text: "{content}"}
`

// TestSurveyOverHTTP: an order, its survey and the answer go over the carrier's HTTP
// interface: a receipt that is called back opens the window, and a reply that is called
// back, from a number without extension, counts.
func TestSurveyOverHTTP(t *testing.T) {
	t.Parallel() // it waits for other processes most of its time
	c := newCalm(t, startRig(t, newTestRigOf(t, func(c *rig.Config) {
		file := filepath.Join(t.TempDir(), "links.yaml")
		text := fmt.Appendf(nil, httpLinks, rig.Local(c.Ports.HTTPSMS), "aliyun", rig.Local(c.Ports.HTTPBack))
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		c.Env = append(c.Env, "HOTLINE_LINKS="+file, "TEST_HTTP_SECRET=hotline", "TEST_HTTP_TOKEN="+rig.CallbackToken)
	})))
	c.told(partLink+"cloud", true)
	c.lacks()
	c.surveyedOver("http")
}

func TestHTTPLinkIsReadAndChecked(t *testing.T) {
	good := fmt.Sprintf(httpLinks, "127.0.0.1:9", "tencent", "127.0.0.1:0")
	links, problems := parseLinks("links.yaml", []byte(good))
	if problems.Err() != nil || len(links) != 1 {
		t.Fatalf("%+v\n%v", links, problems)
	}
	tools := linkTools{clock: newClock(), log: slog.New(slog.DiscardHandler)}
	t.Setenv("TEST_HTTP_SECRET", "secret")
	if _, _, err := transports(links, tools); err == nil || !strings.Contains(err.Error(), "no TEST_HTTP_TOKEN") {
		t.Errorf("without a token: %v", err)
	}
	t.Setenv("TEST_HTTP_TOKEN", "0123456789abcdef")
	all, routes, err := transports(links, tools)
	if err != nil || len(all) != 1 || !routes["cloud"].Bare || !all[0].Health().Inbound {
		t.Errorf("%v %+v %v", all, routes, err)
	}
	for _, bad := range []struct{ from, to, want string }{
		{"http://", "ftp://", "no http or https address"},
		{"api: tencent", "api: other", "neither a file"},
		{"api: tencent", "api: /nowhere/other.yaml", "no such file"},
		{`, app: "14"`, "", "no slot {app}"},
		{"    user: development\n", "", "no key and secret"},
		{"      templates:\n        - {id: SMS_100000001, text: \"{content}\"}\n", "", "its API sends templates"},
	} {
		_, problems := parseLinks("links.yaml", []byte(strings.Replace(good, bad.from, bad.to, 1)))
		if err := problems.Err(); err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%s: %v does not say %q", bad.to, err, bad.want)
		}
	}
}
