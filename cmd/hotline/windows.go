package main

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"hotline/dispatch/console"
	"hotline/sms/survey"
)

// partWindows is what the status strip calls the survey windows in Redis. Without them
// SQL judges and settles alone, so that nothing is missing.
const partWindows = "评价窗口"

// windowsPart tells how Redis's survey windows compare with SQL's.
func windowsPart(d survey.Drift) console.Part {
	p := console.Part{Name: partWindows, Up: d.Warm && d.Differing() == 0}
	switch {
	case !d.Warm:
		p.Detail = "Redis 未就绪,暂由数据库判定和结算"
	case d.At.IsZero():
	case d.Differing() > 0:
		p.Detail = fmt.Sprintf("与数据库不一致 %d 个,已修复(缺 %d,误结 %d,误开 %d)", d.Differing(), d.Missing, d.Ended, d.Stale)
	default:
		p.Detail = fmt.Sprintf("开放 %d 个", d.SQL)
	}
	return p
}

var (
	descWarm     = prometheus.NewDesc("survey_windows_warm", "1 while Redis knows all open survey windows.", nil, nil)
	descUntaken  = prometheus.NewDesc("survey_settlements_waiting", "Ended survey windows that SQL has not taken yet.", nil, nil)
	descWindows  = prometheus.NewDesc("survey_windows_open", "Open survey windows the last walk saw, by store.", []string{"store"}, nil)
	descDrift    = prometheus.NewDesc("survey_windows_drift", "Windows the last walk found to differ from SQL, and repaired.", []string{"kind"}, nil)
	descRepaired = prometheus.NewDesc("survey_windows_repaired_total", "Windows repaired since the start.", nil, nil)
)

// collectWindows sends the metrics of the survey windows.
func collectWindows(ch chan<- prometheus.Metric, d survey.Drift) {
	gauge := func(desc *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, labels...)
	}
	gauge(descWarm, one(d.Warm))
	gauge(descUntaken, float64(d.Waiting))
	gauge(descWindows, float64(d.SQL), "sql")
	gauge(descWindows, float64(d.Redis), "redis")
	gauge(descDrift, float64(d.Missing), "missing")
	gauge(descDrift, float64(d.Ended), "ended")
	gauge(descDrift, float64(d.Stale), "stale")
	ch <- prometheus.MustNewConstMetric(descRepaired, prometheus.CounterValue, float64(d.Repaired))
}
