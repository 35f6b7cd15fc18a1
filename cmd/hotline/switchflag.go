package main

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

// mainSwitch is the name of the one Asterisk that --ari describes.
const mainSwitch = "main"

// plainName is what an Asterisk or a controller may be called: the name becomes part of
// ids, file names, labels and keys.
var plainName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// place is where one Asterisk of the fleet is.
type place struct {
	Name     string
	URL      string // of its HTTP server, without user and password
	User     string
	Password string
	Dir      string // its own folder, as rendered; "" when it is on another machine
}

// parsePlace reads "name=http://user:password@host:port[,dir=/folder]". Its errors never
// show the password.
func parsePlace(s string) (place, error) {
	name, rest, _ := strings.Cut(s, "=")
	if !plainName.MatchString(name) {
		return place{}, fmt.Errorf("switch: %q is no name of lower-case letters, digits and -, at most 32; want name=http://user:password@host:port[,dir=/folder]", shown(name))
	}
	address, dir, hasDir := strings.Cut(rest, ",dir=")
	p := place{Name: name, Dir: dir}
	u, err := url.Parse(address)
	if err != nil { // whose text would show the password
		return place{}, fmt.Errorf("switch %s: its address is no URL", name)
	}
	p.User = u.User.Username()
	p.Password, _ = u.User.Password()
	u.User = nil
	p.URL = strings.TrimSuffix(u.String(), "/")
	if hasDir && dir == "" {
		return place{}, fmt.Errorf("switch %s: dir= without a folder", name)
	}
	return p, p.check()
}

// check says everything that is wrong with p.
func (p place) check() error {
	var wrong []error
	if !plainName.MatchString(p.Name) {
		wrong = append(wrong, fmt.Errorf("%q is no name of lower-case letters, digits and -, at most 32", shown(p.Name)))
	}
	u, err := url.Parse(p.URL)
	if err != nil || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Path != "" || u.RawQuery != "" {
		wrong = append(wrong, errors.New("its address is not http://host:port"))
	}
	if p.User == "" || p.Password == "" {
		wrong = append(wrong, errors.New("user and password are required"))
	}
	if p.Dir != "" && !filepath.IsAbs(p.Dir) {
		wrong = append(wrong, fmt.Errorf("dir %q is not an absolute path", p.Dir))
	}
	if len(wrong) > 0 {
		return fmt.Errorf("switch %s: %w", shown(p.Name), errors.Join(wrong...))
	}
	return nil
}

// shown is a name for a message, but not an address in its place, with its password.
func shown(name string) string {
	if strings.ContainsAny(name, ":@/") {
		return "(an address)"
	}
	return name
}

// parsePlaces reads all of them; a name may come once.
func parsePlaces(list []string) ([]place, error) {
	var all []place
	var wrong []error
	seen := map[string]bool{}
	for _, s := range list {
		p, err := parsePlace(s)
		if err == nil && seen[p.Name] {
			err = fmt.Errorf("switch %s: given twice", p.Name)
		}
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		seen[p.Name] = true
		all = append(all, p)
	}
	return all, errors.Join(wrong...)
}

// listed splits a default of several values by commas; none is none.
func listed(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// words splits an environment variable that holds a list.
func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ' ' || r == ';' || r == '\n' })
}
