package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/asterisk/conf"
)

// What Asterisk wrote down is read as it grows, and compared with the callers' records.
func TestTape(t *testing.T) {
	dir := t.TempDir()
	path := conf.EventsOf(dir)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	p := newTape(dir)
	read := func(want ...channel) {
		t.Helper()
		got, err := p.all()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	read()
	write(`"CHAN_START","1","a-1","a-1","","PJSIP/x"` + "\n" + `"ANSWER","2","a-1","a-1","138`)
	read(channel{ID: "a-1", First: "a-1"})
	write(`00000001","PJSIP/x"` + "\n" + `"BRIDGE_ENTER","3","a-1","a-1","13800000001","PJSIP/x"` + "\n")
	met := channel{ID: "a-1", First: "a-1", Caller: "13800000001", Answered: true, Met: true}
	read(met)

	town := &town{tapes: []*tape{p}}
	caller := &call{Number: met.Caller}
	found := func(rows ...record) string {
		b := books{calls: map[string][]record{caller.Number: rows}}
		return strings.Join(town.againstTapes(b, []*call{caller}), "\n")
	}
	if got := found(record{Channel: "a-1"}); got != "channel a-1 of asterisk has no end" {
		t.Errorf("before its end: %s", got)
	}
	write(`"CHAN_END","4","a-1","a-1","13800000001","PJSIP/x"` + "\n")
	for name, test := range map[string]struct {
		rows []record
		want string
	}{
		"right":   {[]record{{Channel: "a-1"}}, ""},
		"lost":    {nil, "0 records of channel a-1"},
		"doubled": {[]record{{Channel: "a-1"}, {Channel: "a-1"}}, "2 records of channel a-1"},
		"made up": {[]record{{Channel: "a-1"}, {ID: "R", Channel: "a-9"}}, "record R of channel a-9, of which no Asterisk knows"},
	} {
		if got := found(test.rows...); !strings.HasPrefix(got, test.want) || (test.want == "") != (got == "") {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	p.rewind()
	read()
	write(`"CHAN_START","5","a-2","a-2","","PJSIP/x"` + "\n")
	if err := p.cut(); err != nil {
		t.Fatal(err)
	}
	read(channel{ID: "a-2", First: "a-2", Ended: true})
}
