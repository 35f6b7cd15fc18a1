package main

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hotline/dispatch/console"
	"hotline/sms/survey"
)

// TestWindowsPart: differing windows are shown, and never make the hotline unready.
func TestWindowsPart(t *testing.T) {
	at := time.Now()
	for want, d := range map[string]survey.Drift{
		"未就绪":             {At: at},
		"开放 7 个":          {Warm: true, At: at, SQL: 7, Redis: 7},
		"不一致 6 个,已修复(缺 1": {Warm: true, At: at, SQL: 7, Redis: 7, Missing: 1, Ended: 2, Stale: 3},
	} {
		p := windowsPart(d)
		if p.Up != (want == "开放 7 个") || !strings.Contains(p.Detail, want) {
			t.Errorf("%+v: %+v, want %s", d, p, want)
		}
		if names := missing([]console.Part{p}); len(names) > 0 {
			t.Errorf("unready: %v", names)
		}
	}
	ch := make(chan prometheus.Metric, 20)
	collectWindows(ch, survey.Drift{})
	if len(ch) != 8 {
		t.Errorf("%d metrics", len(ch))
	}
}
