package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

func TestPlacesAreRead(t *testing.T) {
	got, err := parsePlaces([]string{"one=http://hotline:se/cret=x@10.0.0.1:8088", "two=https://u:p@[::1]:8089/,dir=/srv/two,2"})
	if err == nil || strings.Contains(err.Error(), "cret") {
		t.Errorf("a password with a slash: %v, %+v; want an error that does not show it", err, got)
	}
	got, err = parsePlaces([]string{"one=http://hotline:secret=x@10.0.0.1:8088", "two=https://u:p@[::1]:8089/,dir=/srv/two,2"})
	want := []place{
		{Name: "one", URL: "http://10.0.0.1:8088", User: "hotline", Password: "secret=x"},
		{Name: "two", URL: "https://[::1]:8089", User: "u", Password: "p", Dir: "/srv/two,2"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestBadPlacesAreNamed(t *testing.T) {
	_, err := parsePlaces([]string{
		"http://hotline:secret@10.0.0.1:8088", "a b=http://u:secret@h:1", "bare=h:8088", "nouser=http://h:8088", "path=http://u:secret@h:1/ari",
		"rel=http://u:secret@h:1,dir=var/ast", "nodir=http://u:secret@h:1,dir=", "odd=http://u:secret%zz@h:1",
		"twice=http://u:secret@h:1", "twice=http://u:secret@h:2", "",
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`"(an address)"`, `"a b"`, "switch bare: its address", "switch nouser: user and password", "switch path: its address",
		`switch rel: dir "var/ast"`, "switch nodir: dir=", "switch odd: its address is no URL", "switch twice: given twice", `""`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("errors lack %q", want)
		}
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("errors show a password:\n%v", err)
	}
}

// TestSwitchesOfTheSettings: flags, else the environment, else the one Asterisk of --ari;
// a password from the environment is no default that --help shows.
func TestSwitchesOfTheSettings(t *testing.T) {
	read := func(args ...string) []place {
		t.Helper()
		var s settings
		f := pflag.NewFlagSet("serve", pflag.ContinueOnError)
		s.bind(f)
		if err := f.Parse(append(args, "--ari-pass", "p", "--run-dir", "/run/h")); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(f.FlagUsages(), "secret") {
			t.Error("--help shows a password")
		}
		if err := s.complete(); err != nil {
			t.Fatal(err)
		}
		return s.places
	}
	one := []place{{Name: "main", URL: "http://127.0.0.1:8088", User: "hotline", Password: "p", Dir: "/run/h/asterisk"}}
	if diff := cmp.Diff(one, read()); diff != "" {
		t.Errorf("without --switch (-want +got):\n%s", diff)
	}
	t.Setenv("HOTLINE_SWITCH", "a=http://u:secret@h:1; b=http://u:secret@h:2\nc=http://u:secret@h:3")
	if got := read(); len(got) != 3 || got[1].URL != "http://h:2" {
		t.Errorf("from the environment: %+v", got)
	}
	if got := read("--switch", "d=http://u:p@h:4,dir=/d"); len(got) != 1 || got[0].Dir != "/d" {
		t.Errorf("a flag against the environment: %+v", got)
	}
}

func FuzzParsePlace(f *testing.F) {
	f.Add("one=http://u:p@h:1,dir=/x")
	f.Add("one=,dir=")
	f.Add("=@")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePlace(s)
		if err == nil && p.check() != nil {
			t.Errorf("%q was taken, and is wrong: %v", s, p.check())
		}
	})
}
