package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"hotline/asterisk"
)

// contender is one way to serve the call.
type contender struct {
	Name   string // in the report
	Number string // what callers dial to be served by it
	Role   string // its process; empty for the dialplan, which needs none
}

// The contenders' numbers. Hotline's is the one citizens dial.
const (
	numberDialplan = "70001"
	numberAGI      = "70002"
	numberStock    = "70003"
	numberBare     = "70004"
	numberHotline  = "12345"
)

// Names that the report looks for.
const (
	nameDialplan = "dialplan"
	nameStock    = "ari/v5 as shipped"
	nameBare     = "Hotline, nothing kept"
	nameHotline  = "Hotline"
)

// contenders is everybody who takes part, the limit first.
var contenders = []contender{
	{Name: nameDialplan, Number: numberDialplan},
	{Name: "FastAGI server in Go", Number: numberAGI, Role: "fastagi"},
	{Name: nameStock, Number: numberStock, Role: "stock"},
	{Name: nameBare, Number: numberBare, Role: "bare"}, // no notes, no records: what those cost is the difference
	{Name: nameHotline, Number: numberHotline, Role: "hotline"},
}

// counters tell what a contender counts; nil for who counts nothing.
type counters func() asterisk.Stats

// roles is what each process does until its context ends; ready is told once calls can
// be served.
var roles = map[string]func(ctx context.Context, s site, ready func(counters)) error{
	"fastagi": serveAGI,
	"stock":   serveStock,
	"hotline": serveHotline,
	"bare":    serveBare,
}

// The environment that makes this program a contender instead of the bench.
const (
	roleVariable = "HOTLINE_BENCH_ROLE"
	siteVariable = "HOTLINE_BENCH_SITE"
)

// site is what a contender has to know of the rig.
type site struct {
	Dir     string // for what it keeps
	Sounds  string // folder of the prompts
	ARI     string // host:port
	User    string
	Pass    string
	AGI     string   // host:port the FastAGI server listens at
	Redis   string   // host:port, for notes
	Prompts []string // every prompt there is
	Profile string   // where Hotline writes its CPU profile; empty: none
}

// sound is a prompt as Asterisk wants it named.
func (s site) sound(id string) string { return filepath.Join(s.Sounds, id) }

// asRole is the main function of a contender's process.
func asRole(role string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	serve, ok := roles[role]
	if !ok {
		fmt.Fprintf(os.Stderr, "bench: no role %q\n", role)
		return 2
	}
	var s site
	if err := json.Unmarshal([]byte(os.Getenv(siteVariable)), &s); err != nil {
		fmt.Fprintln(os.Stderr, "bench: site:", err)
		return 2
	}
	ready := func(c counters) { go speak(os.Stdin, os.Stdout, c) } // for as long as the process lives
	if err := serve(ctx, s, ready); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %s: %v\n", role, err)
		return 1
	}
	return 0
}

// readyLine is how a contender says that it is ready, on its standard output.
const readyLine = "ready"
