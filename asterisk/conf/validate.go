package conf

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// A value that could end a line, open a section or start a substitution in one of
// Asterisk's files is refused here, so that the templates need no escaping.
var (
	namePattern   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	secretPattern = regexp.MustCompile(`^[A-Za-z0-9_.+/=@!~^*-]+$`)
	digitsPattern = regexp.MustCompile(`^[0-9]{2,20}$`)
	dialPattern   = regexp.MustCompile(`^[A-Za-z0-9]+/[A-Za-z0-9_.+:@/-]+$`)
	pathPattern   = regexp.MustCompile(`^/[^\s;,|&\[\]{}$"'\\<>()]*$`)
	keyPattern    = regexp.MustCompile(`^[0-8]$`)
)

// check collects every problem of a configuration, so that they are mended in one go.
type check struct{ problems []error }

func (k *check) that(ok bool, format string, args ...any) {
	if !ok {
		k.problems = append(k.problems, fmt.Errorf(format, args...))
	}
}

func (c Config) validate() error {
	k := &check{}
	for _, p := range []struct{ name, path string }{{"Dir", c.Dir}, {"Modules", c.Modules}, {"Data", c.Data}} {
		k.that(filepath.IsAbs(p.path) && pathPattern.MatchString(p.path), "%s: %q is not a plain absolute path", p.name, p.path)
	}
	k.that(c.Name == "" || namePattern.MatchString(c.Name), "Name: %q is not a plain word", c.Name)
	k.that(c.Recordings == "" || pathPattern.MatchString(c.Recordings), "Recordings: %q is not a plain absolute path", c.Recordings)
	k.that(net.ParseIP(c.Bind) != nil, "Bind: %q is not an IP address", c.Bind)
	k.that(c.RTPStart > 0 && c.RTPEnd > c.RTPStart && c.RTPEnd < 65536, "RTP ports: %d-%d is not a range", c.RTPStart, c.RTPEnd)
	k.that(namePattern.MatchString(c.ARIUser), "ARIUser: %q is not a plain word", c.ARIUser)
	k.that(secretPattern.MatchString(c.ARIPass), "ARIPass: empty or with characters other than letters, digits and _.+/=@!~^*-")
	k.that(namePattern.MatchString(c.App), "App: %q is not a plain word", c.App)
	k.that(digitsPattern.MatchString(c.Hotline), "Hotline: %q is not a number", c.Hotline)
	for _, line := range c.Lines {
		k.that(digitsPattern.MatchString(line), "Lines: %q is not a number", line)
	}
	k.that(c.Calls >= 10, "Calls: %d is less than 10", c.Calls)
	k.that(c.Calls <= c.carried(), "Calls: %d need %d RTP ports, two legs each and half to spare", c.Calls, c.Limit()*2*legPorts)
	k.that(c.Claim >= 100*time.Millisecond && c.Claim <= 10*time.Second, "Claim: %v is not between 100 ms and 10 s", c.Claim)
	k.that(c.WriteTimeout >= 2*time.Second, "WriteTimeout: %v is less than 2s", c.WriteTimeout)
	k.that(c.SessionLimit >= 500, "SessionLimit: %d is less than 500", c.SessionLimit)
	c.validatePeers(k)
	c.validateAllow(k)
	c.Fallback.validate(k)
	return errors.Join(k.problems...)
}

func (c Config) validatePeers(k *check) {
	seen := map[string]bool{"anonymous": true}
	unique := func(kind, name string) {
		k.that(namePattern.MatchString(name), "%s: %q is not a plain word", kind, name)
		k.that(!seen[name], "%s: the name %q is taken", kind, name)
		seen[name] = true
	}
	for _, t := range c.Trunks {
		unique("Trunk", t.Name)
		unique("Trunk", inbound(t.Name))
		k.that(isHostPort(t.Addr), "Trunk %s: %q is not host:port", t.Name, t.Addr)
	}
	for _, d := range c.Desks {
		unique("Desk", d.Name)
		k.that(d.Addr != "" || d.Password != "", "Desk %s: has neither an address nor a password to register with", d.Name)
		k.that(d.Addr == "" || isHostPort(d.Addr), "Desk %s: %q is not host:port", d.Name, d.Addr)
		k.that(d.Password == "" || secretPattern.MatchString(d.Password), "Desk %s: password has forbidden characters", d.Name)
	}
}

func (f Fallback) validate(k *check) {
	for _, key := range slices.Sorted(maps.Keys(f.Emergency)) {
		k.that(keyPattern.MatchString(key), "Fallback.Emergency: key %q is not 0-8", key)
		for _, d := range splitDials(f.Emergency[key]) {
			k.that(dialPattern.MatchString(d), "Fallback.Emergency %s: %q is not a dial string", key, d)
		}
	}
	for _, d := range slices.Concat(f.Duty, f.Leader) {
		k.that(dialPattern.MatchString(d), "Fallback: %q is not a dial string", d)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Prompts)) {
		k.that(pathPattern.MatchString(f.Prompts[name]), "Fallback.Prompts %s: %q is not a plain absolute path", name, f.Prompts[name])
	}
	k.that(f.RingSeconds > 0 && f.MaxSeconds > 0, "Fallback: RingSeconds and MaxSeconds must be positive")
}

func isHostPort(addr string) bool {
	host, port, err := net.SplitHostPort(addr)
	return err == nil && digitsPattern.MatchString(port) && (net.ParseIP(host) != nil || namePattern.MatchString(host))
}
