package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"hotline/sms"
)

var (
	descTexts     = prometheus.NewDesc("sms_texts_total", "Texts that moved on, by the status they got.", []string{"status"}, nil)
	descTextWaits = prometheus.NewDesc("sms_text_waits_total", "Times a text was put off: refused for now, its receiver's limit, no room in its links.", []string{"why"}, nil)
	descPorted    = prometheus.NewDesc("sms_ported_learnt_total", "Times something was learnt about a ported number.", nil, nil)
	descTextsNow  = prometheus.NewDesc("sms_waiting", "What waits now: texts under way, receipts without a text, texts that came in.", []string{"what"}, nil)
)

// collectTexts tells what the gateway did, over all links.
func collectTexts(st sms.Stats, ch chan<- prometheus.Metric) {
	figure := func(d *prometheus.Desc, kind prometheus.ValueType, n int, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, kind, float64(n), labels...)
	}
	for _, status := range []sms.Status{sms.Sent, sms.Delivered, sms.Undelivered, sms.Failed, sms.Expired} {
		figure(descTexts, prometheus.CounterValue, st.Moved[status], string(status))
	}
	for why, n := range map[string]int{"refused": st.Retries - st.Limited - st.PutOff, "receiver": st.Limited, "room": st.PutOff} {
		figure(descTextWaits, prometheus.CounterValue, max(0, n), why)
	}
	figure(descPorted, prometheus.CounterValue, st.Learnt)
	for what, n := range map[string]int{"under way": st.InHand, "receipts": st.Parked, "came in": st.Backlog} {
		figure(descTextsNow, prometheus.GaugeValue, n, what)
	}
}
