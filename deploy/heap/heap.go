// Package heap sets how a controller's process collects its garbage.
package heap

import (
	"os"
	"runtime/debug"
)

// percent is GOGC where nobody sets it. What a controller keeps is a few megabytes,
// however many calls it has, so that Go's own 100 collects every few dozen calls; at 400
// it takes some 20 MB more and collects a quarter as often.
const percent = 400

// Tune sets the collector of this process, unless the environment does: GOGC and
// GOMEMLIMIT mean what they always mean. It is called once, as the process begins.
func Tune() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(percent)
	}
}
