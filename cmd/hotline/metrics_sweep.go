package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hotline/dispatch"
)

var (
	descStood = prometheus.NewDesc("hotline_sweep_stood_seconds", "How long ago a sweep of what is due came to its end.", nil, nil)
	descLag   = prometheus.NewDesc("hotline_sweep_lag_seconds", "How late the oldest act is that is due.", nil, nil)
)

// newActs counts what the clock did, by kind; "failed" are orders that something could not
// be done about.
func newActs() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hotline_acts_total",
		Help: "What was done about orders because it was due, by kind."}, []string{"kind"})
}

// swept counts what one sweep did.
func (m *metrics) swept(s dispatch.Swept) {
	for kind, n := range s.Acts {
		m.acts.WithLabelValues(string(kind)).Add(float64(n))
	}
	m.acts.WithLabelValues("failed").Add(float64(s.Failed))
}

// collectSweep tells how the sweep stands; while SQL is away nobody knows.
func collectSweep(ch chan<- prometheus.Metric, standing func(context.Context) (stood, lag time.Duration, err error)) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	stood, lag, err := standing(ctx)
	if err != nil {
		return
	}
	ch <- prometheus.MustNewConstMetric(descStood, prometheus.GaugeValue, stood.Seconds())
	ch <- prometheus.MustNewConstMetric(descLag, prometheus.GaugeValue, lag.Seconds())
}
