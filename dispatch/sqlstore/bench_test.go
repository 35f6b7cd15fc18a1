package sqlstore_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore"
)

// BenchmarkRecordCall is what a call's record costs, alone and when several come at the
// same time. The time of one is mostly the disk's, so the processor's is told beside it.
func BenchmarkRecordCall(b *testing.B) {
	for _, together := range []int{1, 4} {
		b.Run(fmt.Sprintf("together-%d", together), func(b *testing.B) {
			s, err := sqlstore.Open(b.Context(), filepath.Join(b.TempDir(), "h.db"))
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			office := dispatch.NewOffice(dispatch.Config{Store: s, Now: time.Now})
			b.ReportAllocs()
			before, records := processorTime(b), 0
			for b.Loop() {
				var all sync.WaitGroup
				for range together {
					records++
					id := fmt.Sprint("call", records)
					all.Go(func() {
						if err := office.RecordCall(b.Context(), twoKeys(id)); err != nil {
							b.Error(err)
						}
					})
				}
				all.Wait()
			}
			b.ReportMetric(float64(processorTime(b)-before)/float64(records), "cpu-ns/record")
		})
	}
}

// twoKeys is the record of a call with a timeline of the usual length.
func twoKeys(id string) dispatch.Call {
	c := dispatch.Call{ID: id, Channel: "1795349920.1", From: "13800138000", To: "12345", Class: dispatch.Consult,
		Outcome: "abandoned", StartedAt: noon, EndedAt: noon.Add(2 * time.Second), Hangup: "caller: hung up"}
	for i, what := range []string{"say", "key", "say", "key", "say"} {
		c.Steps = append(c.Steps, dispatch.Step{At: noon.Add(time.Duration(i) * time.Second), What: what, Text: "按1 咨询"})
	}
	return c
}

// processorTime is what the kernel charged to this process so far.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
