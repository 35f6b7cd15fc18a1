package main

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hotline/sms"
)

// textFigures is a collector of the gateway alone.
type textFigures sms.Stats

func (s textFigures) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(s, ch) }

func (s textFigures) Collect(ch chan<- prometheus.Metric) { collectTexts(sms.Stats(s), ch) }

func TestTextFigures(t *testing.T) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(textFigures{Moved: map[sms.Status]int{sms.Delivered: 3}, Retries: 9, Limited: 2, PutOff: 4, Learnt: 1, Parked: 5})
	page := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`sms_texts_total{status="delivered"} 3`, `sms_text_waits_total{why="receiver"} 2`, `sms_text_waits_total{why="room"} 4`,
		`sms_text_waits_total{why="refused"} 3`, `sms_ported_learnt_total 1`, `sms_waiting{what="receipts"} 5`,
	} {
		if !strings.Contains(page.Body.String(), want+"\n") {
			t.Errorf("/metrics does not say %s:\n%s", want, page.Body)
		}
	}
}
