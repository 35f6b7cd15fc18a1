package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"hotline/deploy/fault"
	"hotline/sms"
)

// linksFile is the shape of links.yaml: the links to carriers, each in a section.
type linksFile struct {
	Links []linkSpec `yaml:"links"`
}

// linkSpec is one link to a carrier, from links.yaml or from the flags.
type linkSpec struct {
	Name        string    `yaml:"name"`
	Kind        string    `yaml:"kind"`    // of linkKinds
	Address     string    `yaml:"address"` // host:port, or a URL
	User        string    `yaml:"user"`
	SecretEnv   string    `yaml:"secret-env"`  // the environment variable that holds the password
	SecretFile  string    `yaml:"secret-file"` // or the file
	Secret      string    `yaml:"secret"`      // or the password itself, with SecretInClear
	SecretClear bool      `yaml:"secret-in-clear"`
	Numbers     []string  `yaml:"numbers"`   // its own, without extension; texts go out from the first
	Extension   extension `yaml:"extension"` // digits that may follow: 0, 1 or 2
	NoReceipts  bool      `yaml:"no-receipts"`
	Signs       bool      `yaml:"signs"` // the carrier adds the signature

	Rate        int         `yaml:"rate"`   // segments a second; 0: no limit
	Window      int         `yaml:"window"` // of each connection; 0: the protocol's habit
	Connections int         `yaml:"connections"`
	Prefixes    []string    `yaml:"prefixes"` // of receivers; none: all
	Classes     []sms.Class `yaml:"classes"`  // none: all
	Order       int         `yaml:"order"`
	Weight      int         `yaml:"weight"`

	// What one kind alone knows, in a section of the kind's name.
	SMPP smppSpec `yaml:"smpp"`
	CMPP cmppSpec `yaml:"cmpp"`
	SIP  sipSpec  `yaml:"sip"`
	HTTP httpSpec `yaml:"http"`
}

// extension is how many digits may follow a link's number.
type extension struct {
	digits int
	given  bool
}

// UnmarshalText reads 0, 1 or 2.
func (e *extension) UnmarshalText(b []byte) error {
	if len(b) != 1 || b[0] < '0' || b[0] > '2' {
		return fmt.Errorf("%q is not 0, 1 or 2 digits of extension", b)
	}
	*e = extension{int(b[0] - '0'), true}
	return nil
}

// linksName is the file of a hotline's folder.
const linksName = "links.yaml"

// folderLinks are the links of a hotline's folder, none where it has no file of them.
func folderLinks(hotlines fs.FS, id string) ([]linkSpec, fault.Problems) {
	file := path.Join(id, linksName)
	src, err := fs.ReadFile(hotlines, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Problems{{File: file, Text: err.Error()}}
	}
	return parseLinks(file, src)
}

// fileLinks are the links of --links FILE.
func fileLinks(file string) ([]linkSpec, fault.Problems) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.Problems{{File: file, Text: "--links: " + err.Error()}}
	}
	return parseLinks(file, src)
}

// parseLinks reads a links file; all that is wrong in it is told at once (D9). It gives no
// links when anything is.
func parseLinks(file string, src []byte) ([]linkSpec, fault.Problems) {
	var f linksFile
	d := fault.Read(file, src, &f)
	if len(f.Links) == 0 {
		d.Fault("links", "no link in it")
	}
	names := map[string]bool{}
	for i := range f.Links {
		l, at := &f.Links[i], fmt.Sprintf("links[%d]", i)
		if names[l.Name] {
			d.Fault(at+".name", "a second link %q", l.Name)
		}
		names[l.Name] = true
		l.check(d, at)
	}
	f.checkClasses(d)
	if d.Err() != nil {
		f.Links = nil
	}
	return f.Links, d.Problems()
}

// checkClasses warns of texts that no link carries.
func (f *linksFile) checkClasses(d *fault.Document) {
	for i, name := range sms.Classes() {
		if !slices.ContainsFunc(f.Links, func(l linkSpec) bool { return len(l.Classes) == 0 || slices.Contains(l.Classes, sms.Class(i)) }) {
			d.Warn("links", "no link carries texts of class %s", name)
		}
	}
}

var linkName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// check notes what is wrong with a link at a place of the file.
func (l *linkSpec) check(d *fault.Document, at string) {
	if !linkName.MatchString(l.Name) {
		d.Fault(at+".name", "a link has a name of lower-case letters, digits and -, at most 32")
	}
	kind, ok := linkKinds[l.Kind]
	if !ok {
		d.Unknown(at+".kind", l.Kind, "no kind of link %q", slices.Sorted(maps.Keys(linkKinds)))
		return
	}
	l.checkSecret(d, at, kind)
	for _, n := range []struct {
		field     string
		value, to int
	}{{"rate", l.Rate, 100_000}, {"window", l.Window, 1000}, {"connections", l.Connections, kind.connections},
		{"order", l.Order, 100}, {"weight", l.Weight, 1000}} {
		if n.value < 0 || n.value > n.to {
			d.Fault(at+"."+n.field, "%d is not from 0 to %d", n.value, n.to)
		}
	}
	for i, p := range l.Prefixes {
		if p == "" || strings.Trim(p, "0123456789") != "" {
			d.Fault(fmt.Sprintf("%s.prefixes[%d]", at, i), "%q is not the beginning of a number", p)
		}
	}
	for i, n := range l.Numbers {
		if own, err := sms.Normalize(n); err != nil || own != n {
			d.Fault(fmt.Sprintf("%s.numbers[%d]", at, i), "%q is not a number as texts come from, such as 1069012345", n)
		}
	}
	for other := range linkKinds {
		if other != l.Kind && d.Has(at+"."+other) {
			d.Fault(at+"."+other, "a section of %s in a link of kind %s", other, l.Kind)
		}
	}
	if !l.Extension.given {
		l.Extension.digits = kind.extension
	}
	if len(l.Classes) == 0 {
		l.Classes = kind.classes
	}
	if kind.hostPort {
		if _, _, err := net.SplitHostPort(l.Address); err != nil {
			d.Fault(at+".address", "%q is not host:port", l.Address)
			return
		}
	}
	if l.Extension.digits == 1 {
		d.Warn(at+".extension", "one digit does not tell a phone's questions apart, so none is used")
	}
	if _, err := kind.open(*l, "secret", linkTools{clock: newClock(), log: slog.New(slog.DiscardHandler), dry: true}); err != nil {
		d.Fault(at, "%v", err)
	}
}

// checkSecret wants one place for a password, outside the file.
func (l *linkSpec) checkSecret(d *fault.Document, at string, kind linkKind) {
	given := 0
	for _, s := range []string{l.SecretEnv, l.SecretFile, l.Secret} {
		if s != "" {
			given++
		}
	}
	switch {
	case given > 1:
		d.Fault(at, "a secret is in one place: secret-env, secret-file or secret")
	case given == 0 && kind.secret:
		d.Fault(at, "a link of kind %s needs a secret: secret-env names an environment variable, secret-file a file", l.Kind)
	case l.Secret != "" && !l.SecretClear:
		d.Fault(at+".secret", "a password does not belong in this file: name an environment variable (secret-env) or a file (secret-file), or write secret-in-clear: true beside it")
	case l.Secret == "" && l.SecretClear:
		d.Fault(at+".secret-in-clear", "there is no secret in clear")
	}
}

// password fetches a link's secret.
func (l *linkSpec) password() (string, error) {
	switch {
	case l.SecretEnv != "":
		s := os.Getenv(l.SecretEnv)
		if s == "" {
			return "", fmt.Errorf("link %s: the environment has no %s", l.Name, l.SecretEnv)
		}
		return s, nil
	case l.SecretFile != "":
		b, err := os.ReadFile(l.SecretFile)
		if err != nil {
			return "", fmt.Errorf("link %s: %w", l.Name, err)
		}
		return strings.TrimSpace(string(b)), nil
	}
	return l.Secret, nil
}

// route is what the gateway has to know of a link.
func (l *linkSpec) route() sms.Route {
	return sms.Route{Prefixes: l.Prefixes, Classes: l.Classes, Order: l.Order, Weight: l.Weight, Rate: l.Rate,
		Signs: l.Signs, Bare: l.Extension.digits < 2}
}

// transports opens all links; what is wrong with any of them is told at once.
func transports(specs []linkSpec, tools linkTools) ([]sms.Transport, map[string]sms.Route, error) {
	var all []sms.Transport
	var wrong []error
	routes := map[string]sms.Route{}
	for _, l := range specs {
		secret, err := l.password()
		if err == nil {
			var t sms.Transport
			if t, err = linkKinds[l.Kind].open(l, secret, tools); err == nil {
				all, routes[l.Name] = append(all, t), l.route()
			}
		}
		wrong = append(wrong, err)
	}
	return all, routes, errors.Join(wrong...)
}
