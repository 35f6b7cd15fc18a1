package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"hotline/cmd/rig"
)

// fillDisk leaves no room where recordings and what waits for SQL are kept.
func (x *injury) fillDisk(ctx context.Context) {
	var ballast []string
	for _, dir := range x.town.disks {
		file := filepath.Join(dir, "ballast")
		ballast = append(ballast, file)
		if err := fill(file); err != nil {
			x.findings = append(x.findings, "disk not filled: "+err.Error())
		}
	}
	x.lost = func(c *call) bool { return c.Want.message }
	wait(ctx, x.between(2*time.Second, 5*time.Second))
	for _, file := range ballast {
		_ = os.Remove(file)
	}
	x.say("%d disks were full", len(ballast))
}

// fill writes until nothing fits.
func fill(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, size := range []int{64 << 10, 1 << 10, 1} {
		for block := make([]byte, size); ; {
			if _, err := f.Write(block); err != nil {
				break
			}
		}
	}
	return nil
}

// fillLimit is how long it may take to fill a table of HTTP sessions.
const fillLimit = 25 * time.Second

// fillSessions opens as many connections to Asterisk's HTTP server as it takes.
func (x *injury) fillSessions(ctx context.Context) {
	n := x.rng.IntN(len(x.town.rig.Switches))
	s := x.town.rig.Switches[n]
	var open []net.Conn
	// Five wait to be accepted at a time, and who comes too fast has to come again. Asterisk
	// closes idle ones after 30 s.
	began := time.Now()
	full := false // once; then whoever had a session before may end it
	for time.Since(began) < fillLimit && !full {
		c, err := net.DialTimeout("tcp", rig.Local(s.ARIPort), 50*time.Millisecond)
		if err == nil {
			open = append(open, c)
		}
		full = len(open) >= s.SessionLimit && !served(rig.Local(s.ARIPort))
	}
	x.say("%d idle connections to %s in %v", len(open), x.town.switchName(n), time.Since(began).Round(time.Millisecond))
	if !full {
		x.findings = append(x.findings, x.town.switchName(n)+" serves HTTP beside a full table: nothing was tried")
	}
	wait(ctx, x.between(2*time.Second, 5*time.Second))
	for _, c := range open {
		c.Close()
	}
}

// served says whether a new connection to an HTTP server gets an answer.
func served(addr string) bool {
	c, err := net.DialTimeout("tcp", addr, 200*time.Millisecond)
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(200 * time.Millisecond))
	fmt.Fprintf(c, "GET /ari/asterisk/ping HTTP/1.1\r\nHost: %s\r\n\r\n", addr)
	n, _ := c.Read(make([]byte, 1)) // none from a connection that was closed, or let wait
	return n > 0
}

// moveClock lets one controller believe that it is later, and then again what it is. The
// machine's own clock belongs to others as well and stays: this is the product's clock.
// As when a machine's clock is set, timers keep the time they had left.
func (x *injury) moveClock(ctx context.Context) {
	all := x.town.controllers()
	part := all[x.rng.IntN(len(all))]
	step := x.between(time.Second, 5*time.Minute)
	at := "http://" + x.town.rig.Addr(part)
	ahead := time.Now().Add(step).Format(time.RFC3339Nano)
	if err := postJSON(ctx, at+"/dev/clock", map[string]string{"set": ahead}); err != nil {
		x.findings = append(x.findings, "clock not moved: "+err.Error())
	}
	wait(ctx, x.between(time.Second, 3*time.Second))
	if err := postJSON(ctx, at+"/dev/clock", map[string]string{"set": time.Now().Format(time.RFC3339Nano)}); err != nil {
		x.findings = append(x.findings, "clock not put right: "+err.Error())
	}
	x.say("%s's clock was %v ahead", part, step.Round(time.Second))
}

// switchName is the part of the nth Asterisk.
func (t *town) switchName(n int) string {
	if n == 0 {
		return rig.Asterisk
	}
	return fmt.Sprintf("%s-%d", rig.Asterisk, n+1)
}
