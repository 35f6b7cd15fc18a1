package main

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// module is the import path everything of ours starts with.
const module = "hotline/"

// parents lists who may import whom between our top-level packages: calls open orders,
// orders send texts, texts know nothing. ivr knows the switch's vocabulary.
var parents = map[string][]string{
	"asterisk": {},
	"sms":      {},
	"deploy":   {},
	"dispatch": {"sms"},
	"ivr":      {"dispatch", "asterisk", "sms"},
}

// mayImport is the house's rule in three sentences: leaves import none of ours; a child
// imports its own parent and what its parent may import; only cmd sees everything. What
// is deployed, and how its faults are told, is for all but the leaves; aids of tests ask which
// ports are free.
func mayImport(from, to string) bool {
	if strings.HasPrefix(from, "cmd/") || to == "deploy" || to == "deploy/fault" || to == "deploy/ports" && isTestAid(from) {
		return true
	}
	top, toTop := strings.Split(from, "/")[0], strings.Split(to, "/")[0]
	if from == "dispatch/calendar" {
		return false
	}
	if top == toTop {
		return from != top && (to == top || strings.HasPrefix(from, to+"/") || isTestAid(to) || isTestAid(from)) || to == "dispatch/calendar"
	}
	for _, p := range parents[top] {
		if toTop == p {
			return !isTechnology(to)
		}
	}
	return false
}

// isTestAid says whether a package exists for tests: it may use its siblings, they it.
func isTestAid(path string) bool { return strings.HasSuffix(path, "test") }

// isTechnology says whether a package is named after a technology and so hidden from
// everyone but cmd. sms/survey is a matter of the domain: dispatch speaks its words.
func isTechnology(path string) bool { return strings.Contains(path, "/") && path != "sms/survey" }

func TestImportsFollowTheHouseRule(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "hotline/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for seen := 0; ; seen++ {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if dec.Decode(&p) != nil {
			if seen < 10 {
				t.Fatalf("only %d packages listed", seen)
			}
			return
		}
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, imp := range p.Imports {
			to, ours := strings.CutPrefix(imp, module)
			if ours && !mayImport(from, to) {
				t.Errorf("%s imports %s", from, to)
			}
		}
	}
}
