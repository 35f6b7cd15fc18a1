package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/cmd/gauge"
)

func TestMain(m *testing.M) {
	// The bench starts itself as its carrier and its gateways.
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(asRole(role))
	}
	os.Exit(m.Run())
}

// A short run of everything that needs no Kannel; the report says what was measured and
// keeps what another command wrote.
func TestSmoke(t *testing.T) {
	out := filepath.Join(t.TempDir(), "BENCH.md")
	if err := gauge.WriteSection(out, gauge.Calls, "# What a call costs\n"); err != nil {
		t.Fatal(err)
	}
	code := run(t.Context(), []string{"-contenders", "sqlite,postgres", "-texts", "300", "-rounds", "1", "-for", "200ms",
		"-latency", "20ms", "-windows", "1000", "-kills", "1", "-each", "200", "-seed", "7", "-out", out}, t.Output())
	if code != 0 {
		t.Fatalf("exit code %d", code)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "# What a call costs\n") {
		t.Error("the other command's section is gone")
	}
	rows := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Split(strings.Trim(line, "| \n"), " | "); len(fields) > 1 {
			rows[fields[0]] = fields
			rows[fields[0]+" "+fields[1]] = fields
		}
	}
	for name, want := range map[string]int{
		nameSQLite: 6, namePostgres: 6, "SMPP, window 10 " + nameSQLite: 7, "CMPP, 4 × window 16 " + nameSQLite: 7, "SMPP 1": 8, "CMPP 1": 8,
	} {
		if got := rows[name]; len(got) != want {
			t.Errorf("row %q: %q\n%s", name, got, text)
		}
	}
	for _, protocol := range []string{"SMPP 1", "CMPP 1"} {
		if got := rows[protocol]; len(got) == 8 && (got[2] != "200" || got[3] != "0" || got[5] != "0") {
			t.Errorf("killed: %q", got)
		}
	}
}

func TestFlags(t *testing.T) {
	o, err := parse([]string{"-only", "limit,kills", "-quick", "-contenders", "kannel"}, t.Output())
	if err != nil || len(o.Parts) != 2 || o.Rounds != 1 || len(o.turns(1)) != 1 {
		t.Errorf("%+v, %v", o, err)
	}
	for _, wrong := range [][]string{{"-only", "calls"}, {"-contenders", "jasmin"}, {"-texts", "0"}, {"-windows", "0"}, {"-for", "-1s"}, {"-kills", "-1"}, {"-nothing"}} {
		if code := run(t.Context(), wrong, t.Output()); code != 2 {
			t.Errorf("%v: exit code %d", wrong, code)
		}
	}
}

// A missed aim is said to be missed.
func TestAimsAreJudged(t *testing.T) {
	at := func(name string, rate float64, cpu time.Duration) cell {
		return cell{Contender: name, Links: 1, Rate: rate, CPU: cpu}
	}
	ms := time.Millisecond
	r := results{
		o:     options{Latency: 50 * ms},
		fast:  []cell{at(nameSQLite, 2000, ms), at(namePostgres, 1999, 2*ms), at(nameKannel, 1000, 2*ms)},
		smpp:  []cell{at(nameSQLite, 190, ms), at(nameKannel, 136, ms)},
		cmpp:  []cell{at(nameSQLite, 300, ms)},
		kills: []killed{{Proto: overSMPP, Doubled: 9}, {Proto: overCMPP, Doubled: 16, Unmarked: 1}},
	}
	var b strings.Builder
	r.aims(&b)
	var got []string
	for line := range strings.Lines(b.String()) {
		for _, word := range []string{"reached", "**missed**"} {
			if strings.HasSuffix(line, "| "+word+" |\n") {
				got = append(got, strings.Trim(word, "*"))
			}
		}
	}
	want := "reached reached missed missed reached missed reached missed missed"
	if strings.Join(got, " ") != want {
		t.Errorf("%v\n%s", got, b.String())
	}
}

// The carrier's own record decides.
func TestAKillIsJudged(t *testing.T) {
	url := filepath.Join(t.TempDir(), "h.db")
	if err := fill(t.Context(), url, 5); err != nil {
		t.Fatal(err)
	}
	if _, err := count(t.Context(), url, "UPDATE texts SET status = 'delivered' WHERE to_number <> '"+handset(4)+"' RETURNING 1"); err != nil {
		t.Fatal(err)
	}
	if _, err := count(t.Context(), url, "UPDATE texts SET maybe_twice = 1 WHERE to_number = '"+handset(1)+"' RETURNING 1"); err != nil {
		t.Fatal(err)
	}
	k := killed{Proto: overSMPP}
	// 0 came once, 1 twice and marked, 2 twice and not marked, 3 never, 4 is not known to be delivered.
	if err := k.judge(t.Context(), url, taken{handset(0): 1, handset(1): 2, handset(2): 2, handset(4): 1}); err != nil {
		t.Fatal(err)
	}
	if want := (killed{Proto: overSMPP, Lost: 2, Doubled: 2, Unmarked: 1, Marked: 1}); k != want {
		t.Errorf("%+v, want %+v", k, want)
	}
}
