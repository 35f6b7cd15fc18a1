package cmpp_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hotline/sms/cmpp"
	"hotline/sms/smstest"
)

// BenchmarkWindow fills windows of 16 towards a gateway that answers after 50 ms and sends
// a receipt for each text. The limit of one connection is 16 / 50 ms = 320 texts a second;
// the share of it that is reached is reported. Texts are counted in fifties of windows, or
// the last, half empty one would weigh: run it with -benchtime 1x.
func BenchmarkWindow(b *testing.B) {
	const window, rounds, latency = 16, 50, 50 * time.Millisecond
	for _, connections := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("connections=%d", connections), func(b *testing.B) {
			c := newISMG(b)
			c.Tune(func(k *smstest.Knobs) { k.Latency = latency })
			cfg := configFor(c, cmpp.V30, smstest.WallClock{})
			cfg.Connections = connections
			l, sink := newLink(b, cfg), smstest.NewSink()
			run(b, l, sink)
			if err := sink.Until(soon(b), func() bool { return l.Health().Free == connections*window }); err != nil {
				b.Fatal(err)
			}
			texts := 0
			for b.Loop() {
				var left atomic.Int64
				left.Store(int64(connections * window * rounds))
				texts += int(left.Load())
				var all sync.WaitGroup
				for range 2 * connections * window { // more than there is room for
					all.Go(func() {
						for left.Add(-1) >= 0 {
							if _, err := l.Send(b.Context(), hello); err != nil {
								b.Error(err)
							}
						}
					})
				}
				all.Wait()
			}
			rate := float64(texts) / b.Elapsed().Seconds()
			b.ReportMetric(rate, "texts/s")
			b.ReportMetric(100*rate*latency.Seconds()/float64(connections*window), "%limit")
		})
	}
}
