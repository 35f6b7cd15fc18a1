package main

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hotline/asterisk"
	"hotline/dispatch/console"
	"hotline/ivr"
	"hotline/sms"
	"hotline/sms/survey"
)

// gauges is what /metrics asks of the running parts, at the moment it is asked.
type gauges struct {
	Fleet   func() asterisk.Stats
	Members func() []asterisk.Member
	Gateway func() sms.Stats
	Links   func() []sms.Health
	Redis   func(context.Context) error
	SQL     func(context.Context) error
	Trunks  func(context.Context) map[string]trunkState
	Desks   func() []ivr.Desk
	Waiting func() int
	Kept    func() int
	Ahead   func() []console.Part
	Windows func() survey.Drift
	Sweep   func(context.Context) (stood, lag time.Duration, err error)
}

// metrics holds the counters that grow as things happen and reads the rest when asked.
type metrics struct {
	registry *prometheus.Registry
	happened *prometheus.CounterVec
	took     *prometheus.HistogramVec
	moved    *prometheus.CounterVec
	acts     *prometheus.CounterVec
	gauges   gauges
}

func newMetrics(g gauges) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		happened: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hotline_happenings_total",
			Help: "What happened on calls, by kind and outcome."}, []string{"what", "outcome"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "hotline_happening_seconds",
			Help: "How long it took.", Buckets: []float64{.01, .05, .1, .3, 1, 3, 10, 15, 30, 60, 180, 600}}, []string{"what"}),
		moved: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "trunk_changes_total",
			Help: "Changes of a trunk's state, by the new state."}, []string{"trunk", "state"}),
		acts:   newActs(),
		gauges: g,
	}
	m.registry.MustRegister(m.happened, m.took, m.moved, m.acts, m, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observe counts one happening of a call.
func (m *metrics) observe(h ivr.Happening) {
	m.happened.WithLabelValues(h.What, h.Outcome).Inc()
	if h.Took > 0 {
		m.took.WithLabelValues(h.What).Observe(h.Took.Seconds())
	}
}

// trunkMoved counts one change of a trunk's state.
func (m *metrics) trunkMoved(trunk, state string) { m.moved.WithLabelValues(trunk, state).Inc() }

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

var (
	descARI       = prometheus.NewDesc("ari_connected", "1 while this Asterisk's event socket is open.", []string{"switch"}, nil)
	descRedis     = prometheus.NewDesc("redis_up", "1 while Redis answers.", nil, nil)
	descSQL       = prometheus.NewDesc("sql_up", "1 while the database answers.", nil, nil)
	descTrunk     = prometheus.NewDesc("trunk_up", "1 while the trunk answers OPTIONS.", []string{"trunk"}, nil)
	descRTT       = prometheus.NewDesc("trunk_probe_rtt", "Seconds the trunk took to answer the last OPTIONS.", []string{"trunk"}, nil)
	descAhead     = prometheus.NewDesc("hotline_foresight", "0 when the calendar or the roster lacks days to come.", []string{"what"}, nil)
	descCalls     = prometheus.NewDesc("hotline_calls", "Calls under control now, by Asterisk.", []string{"switch"}, nil)
	descWaiting   = prometheus.NewDesc("hotline_callers_waiting", "Callers waiting for a desk.", nil, nil)
	descKept      = prometheus.NewDesc("hotline_kept_on_disk", "Messages, requests and call records that wait for SQL.", nil, nil)
	descDesks     = prometheus.NewDesc("hotline_desks", "Desks by state.", []string{"state"}, nil)
	descEvents    = prometheus.NewDesc("ari_events_total", "Events by type.", []string{"type"}, nil)
	descUnknown   = prometheus.NewDesc("ari_events_unknown_total", "Events of a type not in use.", nil, nil)
	descMalformed = prometheus.NewDesc("ari_events_malformed_total", "Events that could not be read.", nil, nil)
	descDeepest   = prometheus.NewDesc("ari_mailbox_deepest", "Most events that waited in one live call's mailbox.", nil, nil)
	descRequests  = prometheus.NewDesc("ari_requests_total", "Requests to Asterisk by outcome.", []string{"outcome"}, nil)
	descConnects  = prometheus.NewDesc("ari_connects_total", "Event sockets opened.", nil, nil)
	descReplaced  = prometheus.NewDesc("ari_application_replaced_total", "Times another event socket of our application took the place of the one we read.", nil, nil)
)

// Describe is part of prometheus.Collector.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, ch) }

// Collect asks every part how it is. A part that does not answer within a second is down.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	var trunks map[string]trunkState
	down := probe(context.Background(), m.gauges.Redis, m.gauges.SQL, func(ctx context.Context) error {
		trunks = m.gauges.Trunks(ctx)
		return nil
	})
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	count := func(d *prometheus.Desc, v uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	gauge(descRedis, one(down[0] == nil))
	gauge(descSQL, one(down[1] == nil))
	for name, t := range trunks {
		gauge(descTrunk, one(t.up), name)
		if t.rtt > 0 {
			gauge(descRTT, t.rtt.Seconds(), name)
		}
	}
	collectLinks(m.gauges.Links(), ch)
	collectTexts(m.gauges.Gateway(), ch)
	for _, p := range m.gauges.Ahead() {
		gauge(descAhead, one(p.Up), p.Name)
	}
	collectWindows(ch, m.gauges.Windows())
	collectSweep(ch, m.gauges.Sweep)
	gauge(descWaiting, float64(m.gauges.Waiting()))
	gauge(descKept, float64(m.gauges.Kept()))
	states := map[ivr.DeskState]int{ivr.DeskAway: 0, ivr.DeskIdle: 0, ivr.DeskRinging: 0, ivr.DeskTalking: 0, ivr.DeskWriting: 0}
	for _, d := range m.gauges.Desks() {
		states[d.State]++
	}
	for state, n := range states {
		gauge(descDesks, float64(n), string(state))
	}
	for _, sw := range m.gauges.Members() {
		gauge(descARI, one(here(sw)), sw.Name)
		gauge(descCalls, float64(sw.Calls), sw.Name)
	}
	st := m.gauges.Fleet()
	gauge(descDeepest, float64(st.Deepest))
	for kind, n := range st.Events {
		count(descEvents, n, kind)
	}
	for outcome, n := range st.Requests {
		count(descRequests, n, outcome)
	}
	count(descUnknown, st.Unknown)
	count(descMalformed, st.Malformed)
	count(descConnects, st.Connects)
	count(descReplaced, st.Replaced)
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
