package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"hotline/deploy"
	"hotline/sms"
)

const goodLinks = `links:
  - name: mobile
    kind: cmpp
    address: 192.0.2.1:7890
    user: "900001"
    secret-env: TEST_CMPP_SECRET
    numbers: ["1069012345"]
    prefixes: ["134", "138"]
    rate: 200
    connections: 2
    cmpp: {version: "3.0"}
  - name: spare
    kind: smpp
    address: smsc.example:2775
    user: hotline
    secret-file: %s
    numbers: ["1069012345"]
    extension: 0
    classes: [urgent, notification]
    order: 1
    weight: 2
    smpp: {submit-ids: dec, receipt-ids: hex, bind: pair, server-name: smsc.example, source-ton: 3, dest-ton: 1, dest-npi: 1}
`

func TestLinksFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("passwd\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	links, problems := parseLinks("links.yaml", fmt.Appendf(nil, goodLinks, file))
	if problems.Err() != nil || len(links) != 2 {
		t.Fatalf("%+v\n%v", links, problems)
	}
	if len(problems) != 0 {
		t.Errorf("%v", problems)
	}
	tools := linkTools{clock: newClock(), log: slog.New(slog.DiscardHandler)}
	if _, _, err := transports(links, tools); err == nil || !strings.Contains(err.Error(), "link mobile: the environment has no TEST_CMPP_SECRET") {
		t.Errorf("without the variable: %v", err)
	}
	t.Setenv("TEST_CMPP_SECRET", "shared")
	all, routes, err := transports(links, tools)
	if err != nil || len(all) != 2 {
		t.Fatalf("%v %v", all, err)
	}
	if secret, err := links[1].password(); secret != "passwd" || err != nil {
		t.Errorf("%q %v", secret, err)
	}
	mobile, spare := routes["mobile"], routes["spare"]
	if mobile.Rate != 200 || mobile.Bare || strings.Join(mobile.Prefixes, " ") != "134 138" {
		t.Errorf("%+v", mobile)
	}
	if spare.Order != 1 || spare.Weight != 2 || !spare.Bare || len(spare.Classes) != 2 || spare.Classes[1] != sms.ClassNotification {
		t.Errorf("%+v", spare)
	}
}

const badLinks = `links:
  - name: Mobile
    kind: cmppp
  - name: a
    kind: smpp
    address: nowhere
    user: hotline
    secret: hotline
    numbers: ["+86106"]
    prefixs: ["138"]
    classes: [urgent, bulks]
    extension: 3
  - name: a
    kind: cmpp
    address: 192.0.2.1:7890
    user: too-long-for-it
    secret-env: X
    secret-file: y
    numbers: ["106"]
    connections: 65
    extension: 1
    prefixes: ["13x"]
    smpp: {system-type: x}
  - {name: b, kind: cmpp, address: "192.0.2.1:7890", user: "900001", numbers: ["106"], cmpp: {version: "2.1"}}
`

func TestLinksFileTellsAllFaultsWithLineAndCaret(t *testing.T) {
	links, problems := parseLinks("links.yaml", []byte(badLinks))
	if links != nil || problems.Err() == nil {
		t.Fatalf("%+v was taken", links)
	}
	text := problems.Err().Error()
	for _, want := range []string{
		"links.yaml:2:11: error: a link has a name", `no kind of link "cmppp"`, `did you mean "cmpp"?`,
		`unknown field "prefixs"`, `did you mean "prefixes"?`, "   10 |     prefixs: [\"138\"]\n      |     ^",
		`"nowhere" is not host:port`, "a password does not belong in this file", "secret-in-clear: true",
		`"+86106" is not a number as texts come from`, `"bulks" is no class: urgent, notification, survey, bulk`, `"3" is not 0, 1 or 2`,
		`a second link "a"`, "a secret is in one place", "65 is not from 0 to 64", `"13x" is not the beginning of a number`,
		"a section of smpp in a link of kind cmpp", "user must have 1 to 6 characters", "one digit does not tell",
		"a link of kind cmpp needs a secret", `version "2.1" is neither 2.0 nor 3.0`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing: %s", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestLinksWarnOfAClassThatNoneCarries(t *testing.T) {
	src := strings.Replace(fmt.Sprintf(goodLinks, "x"), "    rate: 200\n", "    classes: [notification, survey]\n", 1)
	links, problems := parseLinks("links.yaml", []byte(src))
	if len(links) != 2 || len(problems) != 1 || !strings.Contains(problems[0].String(), "warning: no link carries texts of class bulk") {
		t.Errorf("%v", problems)
	}
}

const sipLinks = `links:
  - {name: carrier, kind: smpp, address: "192.0.2.1:2775", user: hotline, secret-env: X, numbers: ["10612345"]}
  - name: desks
    kind: sip
    address: 192.0.2.5:5066
    numbers: ["10612345"]
    sip: {phones: {"13800000001": "sip:201@%s"}, allow: [%s]%s}
`

// A link to softphones carries urgent texts to its phones alone, before others do.
func TestLinksToSoftphones(t *testing.T) {
	links, problems := parseLinks("links.yaml", fmt.Appendf(nil, sipLinks, "pbx.example", "192.0.2.0/24", ""))
	if len(problems) != 0 || len(links) != 2 || len(links[1].Classes) != 1 || links[1].Classes[0] != sms.ClassUrgent {
		t.Fatalf("%+v\n%v", links, problems)
	}
	link, err := openSIP(links[1], "", linkTools{clock: newClock(), log: slog.New(slog.DiscardHandler)})
	if err != nil || strings.Join(link.Health().Serves, " ") != "13800000001" {
		t.Errorf("%v", err)
	}
	if words := strings.Join(links[1].words(), "\n"); !strings.Contains(words, "值班软电话 1 部,类别 urgent") {
		t.Errorf("%s", words)
	}
	_, problems = parseLinks("links.yaml", fmt.Appendf(nil, sipLinks, "192.0.2.7", "all", ", ca: /nowhere, certificate: /nowhere"))
	for _, want := range []string{"links.yaml:3:", `"all" is no network`, "ca: open /nowhere", "certificate: open /nowhere"} {
		if err := problems.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("missing %q: %v", want, err)
		}
	}
}

// --links, else the flags, else the hotline's folder.
func TestWhoseLinks(t *testing.T) {
	src := fmt.Appendf(nil, goodLinks, "x")
	folder := fstest.MapFS{"zz/links.yaml": {Data: src}}
	file := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(src), "name: mobile", "name: mine")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		set  settings
		want string
	}{
		{settings{Profile: "zz"}, "mobile"}, {settings{Profile: "sq"}, ""},
		{settings{Profile: "zz", carriers: carriers{SMPP: "x:1", SMPPBind: "transceiver"}}, "smpp"},
		{settings{Profile: "zz", carriers: carriers{SMPP: "x:1", Links: file}}, "mine"},
	} {
		links, err := c.set.linksOf(folder)
		got := ""
		if len(links) > 0 {
			got = links[0].Name
		}
		if err != nil || got != c.want {
			t.Errorf("%+v: %q %v, want %q", c.set.carriers, got, err, c.want)
		}
	}
	set := settings{carriers: carriers{Links: "/nowhere"}}
	if _, err := set.linksOf(folder); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestExplainSaysHowAnswersAreMatched(t *testing.T) {
	file := filepath.Join(t.TempDir(), "links.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, goodLinks, "x"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := runCommand(t, newExplainCommand(), "--at", "2026-11-21T21:00", "--links", file, "--sounds", t.TempDir())
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"值班          随时(urgent)", "评价邀请      11-22 08:30 起(survey)", "号段 134、138,全部类别,每秒 200 段",
		"评价回复:按扩展码", "类别 urgent、notification,不限速", "评价回复:无扩展码"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	out, err = runCommand(t, newExplainCommand(), "--smpp", "127.0.0.1:2775", "--sounds", t.TempDir())
	if err != nil || !strings.Contains(out, "通道 smpp") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCheckReadsLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, deploy.Files); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "hotlines", "zz", "links.yaml")
	if err := os.WriteFile(file, []byte(badLinks), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--deploy", dir, "zz"}, {"--deploy", dir, "--links", file, "zq"}} {
		out, err := runCommand(t, newCheckCommand(), args...)
		if !errors.Is(err, errReported) || !strings.Contains(out, `no kind of link "cmppp"`) {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
}

func TestTextLimit(t *testing.T) {
	for text, want := range map[string]string{"50/2": "50 2", "off": "0 0", "100/3": "100 3"} {
		l, err := (&carriers{TextLimit: text}).textLimits()
		if err != nil || fmt.Sprint(l.Day, l.Same) != want {
			t.Errorf("%s: %+v %v", text, l, err)
		}
	}
	for _, text := range []string{"", "50", "0/2", "2/50", "x/y"} {
		if _, err := (&carriers{TextLimit: text}).textLimits(); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
