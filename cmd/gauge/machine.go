// Package gauge is what the commands that measure have in common: what the kernel says of
// a process, what machine it is, medians, and the report they share, BENCH.md, of which each
// writes its own sections and leaves the others as they are.
package gauge

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clockTick is the unit of CPU times in /proc: every Linux of today says 100 a second.
const clockTick = 10 * time.Millisecond

// CPUTime is how long a process has been on a CPU, in steps of 10 ms; zero for one that
// is gone.
func CPUTime(pid int) time.Duration { return ticks(pid, 11, 12) }

// FamilyTime is CPUTime with that of the children it has seen end.
func FamilyTime(pid int) time.Duration { return ticks(pid, 11, 12, 13, 14) }

// ticks adds fields of a process's stat, counted behind its name.
func ticks(pid int, which ...int) (total time.Duration) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the name before it may hold spaces
	fields := strings.Fields(rest)
	for _, f := range which {
		if f < len(fields) {
			n, _ := strconv.ParseInt(fields[f], 10, 64) // the kernel writes numbers
			total += time.Duration(n) * clockTick
		}
	}
	return total
}

// Largest is the most memory a process ever held, in bytes; zero for one that is gone.
func Largest(pid int) int64 { return memory(pid, "VmHWM:") }

// Resident is the memory it holds now.
func Resident(pid int) int64 { return memory(pid, "VmRSS:") }

func memory(pid int, which string) int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	fields := strings.Fields(after(string(status), which))
	if len(fields) == 0 {
		return 0
	}
	kilobytes, _ := strconv.ParseInt(fields[0], 10, 64)
	return kilobytes << 10
}

// after is what follows a word, to the end of its line.
func after(text, word string) string {
	_, rest, _ := strings.Cut(text, word)
	line, _, _ := strings.Cut(rest, "\n")
	return line
}

// Machine is where the numbers come from.
type Machine struct {
	Processor string
	Cores     int
	Memory    string
	Kernel    string
	Go        string
	ARI       string // version of the ari/v5 library
	Commit    string
	Load      float64 // load average over a minute, before anything was started
	LoadAfter float64 // and at the end
}

// LookAround describes the machine; what it does not tell stays "unknown".
func LookAround(repo string) Machine {
	m := Machine{Processor: "unknown", Memory: "unknown", Kernel: "unknown", ARI: "unknown", Commit: "unknown",
		Cores: runtime.NumCPU(), Go: runtime.Version()}
	note := func(field *string, value string) {
		if value = strings.TrimSpace(value); value != "" {
			*field = value
		}
	}
	cpu, _ := os.ReadFile("/proc/cpuinfo")
	_, name, _ := strings.Cut(after(string(cpu), "model name"), ":")
	note(&m.Processor, name)
	var info syscall.Sysinfo_t
	if syscall.Sysinfo(&info) == nil {
		note(&m.Memory, fmt.Sprintf("%d GB", (uint64(info.Totalram)*uint64(info.Unit)+1<<29)>>30))
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	note(&m.Kernel, string(kernel))
	m.Load = Load()
	note(&m.Commit, commit(repo))
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return m
	}
	for _, dep := range build.Deps {
		if dep.Path == "github.com/CyCoreSystems/ari/v5" {
			note(&m.ARI, dep.Version)
		}
	}
	return m
}

// A machine that has nothing else to do has no more load than this before a run, and
// than the bench itself makes at the end.
const (
	quietLoad = 1.5
	ownLoad   = 3
)

// Busy says in a report that the machine was not quiet, if so.
func (m Machine) Busy() string {
	if m.Load < quietLoad && m.LoadAfter < ownLoad {
		return ""
	}
	return ": **the machine was not quiet**; compare within the tables only"
}

// Load is the load average over the last minute.
func Load() float64 {
	text, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(text), " ")
	n, _ := strconv.ParseFloat(first, 64) // the kernel writes numbers
	return n
}

// commit is what stands in the checkout, "-dirty" when it was changed since.
func commit(repo string) string {
	id, _ := exec.Command("git", "-C", repo, "describe", "--always", "--dirty").Output() // without git it is unknown
	return string(id)
}

// Percentile is the value that p of a hundred do not exceed; zero of none.
func Percentile(values []time.Duration, p int) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

// Millis writes a time as people compare them; nothing takes no time, so that zero means
// that there was nothing to measure.
func Millis(d time.Duration) string {
	if d == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
}

// Checkout is the root of the repository: the nearest folder upwards with a go.mod.
func Checkout() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod here or above: run it in a checkout")
		}
	}
}
