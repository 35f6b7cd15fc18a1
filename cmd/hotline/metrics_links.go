package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"hotline/sms"
)

// linkDesc describes a figure that every link to a carrier has.
func linkDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("sms_link_"+name, help, append([]string{"link"}, labels...), nil)
}

var (
	descLink         = linkDesc("up", "1 while texts go out by the link.")
	descLinkHears    = linkDesc("hears", "1 while texts and receipts come in by the link.")
	descLinkWindow   = linkDesc("window", "Segments that may wait for the carrier's answer at once.")
	descLinkWaiting  = linkDesc("window_used", "Segments that wait for the carrier's answer.")
	descLinkSubmits  = linkDesc("submits_total", "Segments written to the carrier.")
	descLinkAnswers  = linkDesc("answers_total", "Answers of the carrier, by what they said.", "word")
	descLinkResponse = linkDesc("response_seconds", "How long the carrier took to answer a segment.")
	descLinkReceived = linkDesc("received_total", "What the carrier brought; what could not be stored comes again.", "what")
	descLinkOddities = linkDesc("oddities_total", "Frames and answers that were not as they should be.", "what")
	descLinkConnects = linkDesc("connects_total", "Connections to the carrier, by outcome; all but the first are reconnects.", "outcome")
)

// collectLinks tells what every link did, alike for all protocols.
func collectLinks(links []sms.Health, ch chan<- prometheus.Metric) {
	for _, h := range links {
		gauge := func(d *prometheus.Desc, v float64) {
			ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, h.Link)
		}
		count := func(d *prometheus.Desc, n int, labels ...string) {
			ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), append([]string{h.Link}, labels...)...)
		}
		st := h.Stats
		gauge(descLink, one(h.Up))
		gauge(descLinkHears, one(h.Hears()))
		gauge(descLinkWindow, float64(h.Window))
		gauge(descLinkWaiting, float64(h.Window-h.Free))
		count(descLinkSubmits, st.Submits)
		count(descLinkAnswers, st.Answers-st.Throttled-st.Refused, "taken")
		count(descLinkAnswers, st.Throttled, "throttled")
		count(descLinkAnswers, st.Refused, "refused")
		count(descLinkReceived, st.Receipts, "receipt")
		count(descLinkReceived, st.Texts, "text")
		count(descLinkReceived, st.Again, "not stored")
		count(descLinkOddities, st.Timeouts, "no answer")
		count(descLinkOddities, st.Unasked, "answer to nothing")
		count(descLinkOddities, st.Malformed, "malformed")
		count(descLinkOddities, st.Oversize, "wrong length")
		count(descLinkConnects, st.Binds, "bound")
		count(descLinkConnects, st.Failures, "failed")
		ch <- responseTimes(h)
	}
}

// responseTimes is a link's histogram; Prometheus counts upwards.
func responseTimes(h sms.Health) prometheus.Metric {
	below, sum := make(map[float64]uint64, len(sms.ResponseBounds)), uint64(0)
	for i, bound := range sms.ResponseBounds {
		sum += uint64(h.Stats.Response[i])
		below[bound.Seconds()] = sum
	}
	return prometheus.MustNewConstHistogram(descLinkResponse, uint64(h.Stats.Answers), h.Stats.Waited.Seconds(), below, h.Link)
}
