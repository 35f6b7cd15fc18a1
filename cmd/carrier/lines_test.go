package main

import (
	"io/fs"
	"testing"

	"hotline/deploy"
	"hotline/ivr"
)

// Whatever a hotline of deploy/ may ring, somebody answers in the simulated network.
func TestEveryNumberOfEveryHotlineIsServed(t *testing.T) {
	names, err := fs.Glob(deploy.Files, "hotlines/*/profile.yaml")
	if err != nil || len(names) < 5 {
		t.Fatalf("%d profiles, %v", len(names), err)
	}
	for _, name := range names {
		src, err := fs.ReadFile(deploy.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		p, problems := ivr.ParseProfile(name, src)
		if problems.Failed() {
			t.Fatal(problems)
		}
		var numbers []string
		for _, s := range p.Emergency.Services {
			numbers = append(numbers, s.Number)
		}
		for _, target := range p.Transfers.Targets {
			numbers = append(numbers, target.Number)
		}
		for _, d := range p.Desks {
			numbers = append(numbers, d.Name)
		}
		for _, n := range numbers {
			if l, ok := standard(n); !ok || l.Name == "" || l.AnswerMS == 0 || l.ToneHz == 0 {
				t.Errorf("%s: %s is not served: %+v", p.ID, n, l)
			}
		}
	}
	for _, n := range []string{"", "1", "8010", "12a45", "8000000x", "95588", "02112345"} {
		if l, ok := standard(n); ok {
			t.Errorf("%q is served: %+v", n, l)
		}
	}
}
