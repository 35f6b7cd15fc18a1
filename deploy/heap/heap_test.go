package heap

import (
	"runtime/debug"
	"testing"
)

func TestTune(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	for _, c := range []struct {
		name, gogc, limit string
		want              int
	}{
		{name: "nobody has an opinion", want: percent},
		{name: "GOGC is set", gogc: "70", want: 100},
		{name: "GOMEMLIMIT is set", limit: "64MiB", want: 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("GOGC", c.gogc)
			t.Setenv("GOMEMLIMIT", c.limit)
			debug.SetGCPercent(100)
			Tune()
			if got := debug.SetGCPercent(100); got != c.want {
				t.Errorf("GOGC is %d, want %d", got, c.want)
			}
		})
	}
}
