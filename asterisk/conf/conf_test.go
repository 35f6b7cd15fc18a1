package conf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func valid(t *testing.T) Config {
	return Defaults(Config{
		Dir: t.TempDir(), Modules: "/m", Data: t.TempDir(), ARIPass: "secret",
		Trunks: []Trunk{{Name: "carrier", Addr: "127.0.0.1:5070"}, {Name: "far", Addr: "192.0.2.1:5060"}},
		Desks:  []Desk{{Name: "8001", Addr: "127.0.0.1:5071"}, {Name: "8002", Password: "pw"}},
		Fallback: Fallback{
			Emergency: map[string]string{"1": "PJSIP/110@carrier,PJSIP/110@far"}, Duty: []string{"PJSIP/139@carrier"},
			Prompts: map[string]string{"sorry": "/s/sorry", "duty-accept": "/s/accept"},
		},
	})
}

func TestRenderRefusesWhatWouldBreakOutOfALine(t *testing.T) {
	for _, test := range []struct {
		name string
		set  func(c *Config)
		want string
	}{
		{"relative folder", func(c *Config) { c.Dir = "run" }, "Dir"},
		{"no password", func(c *Config) { c.ARIPass = "" }, "ARIPass"},
		{"password with a line end", func(c *Config) { c.ARIPass = "a\nb" }, "ARIPass"},
		{"name with a space", func(c *Config) { c.Name = "a b" }, "Name"},
		{"relative recordings", func(c *Config) { c.Recordings = "spool" }, "Recordings"},
		{"number with a priority", func(c *Config) { c.Hotline = "12345,1,System(x)" }, "Hotline"},
		{"trunk that opens a section", func(c *Config) { c.Trunks[0].Name = "a]\n[b" }, "Trunk"},
		{"two of a name", func(c *Config) { c.Desks[0].Name = "carrier" }, "taken"},
		{"trunk without a port", func(c *Config) { c.Trunks[0].Addr = "127.0.0.1" }, "host:port"},
		{"desk nobody can reach", func(c *Config) { c.Desks[0].Addr = "" }, "neither"},
		{"dial string with options", func(c *Config) { c.Fallback.Duty[0] = "PJSIP/1@a,30,e" }, "dial string"},
		{"dial string with a variable", func(c *Config) { c.Fallback.Emergency["1"] = "PJSIP/${EXTEN}@a" }, "dial string"},
		{"9 is the emergency key itself", func(c *Config) { c.Fallback.Emergency["9"] = "PJSIP/1@a" }, "key \"9\""},
		{"prompt with an option", func(c *Config) { c.Fallback.Prompts["sorry"] = "/a,skip" }, "absolute path"},
		{"no time to claim a call", func(c *Config) { c.Claim = time.Millisecond }, "Claim"},
		{"write timeout that closes sockets", func(c *Config) { c.WriteTimeout = time.Second }, "WriteTimeout"},
		{"session limit below the pool", func(c *Config) { c.SessionLimit = 100 }, "SessionLimit"},
		{"more calls than ports", func(c *Config) { c.Calls = 1667 }, "Calls"},
		{"the name of a trunk's own calls", func(c *Config) { c.Desks[0].Name = "far-in" }, "taken"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := valid(t)
			test.set(&c)
			err := Render(c)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one about %q", err, test.want)
			}
			if files, _ := filepath.Glob(filepath.Join(c.Dir, "*")); len(files) > 0 {
				t.Errorf("a refused configuration wrote %v", files)
			}
		})
	}
}

func TestEveryProblemAtOnce(t *testing.T) {
	err := Render(Config{Bind: "everywhere", Hotline: "x", Trunks: []Trunk{{}}})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"Dir", "Modules", "Data", "Bind", "ARIPass", "Hotline", "Trunk"} {
		if !strings.Contains(err.Error(), want+":") {
			t.Errorf("%s is not among the problems:\n%v", want, err)
		}
	}
}

func TestDialplanHoldsThePromises(t *testing.T) {
	c := valid(t)
	if err := Render(c); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(c.Dir, "etc", "extensions.conf"))
	if err != nil {
		t.Fatal(err)
	}
	plan := string(b)
	for _, want := range []string{
		"exten => 12345,1,", `"${STASISSTATUS}" != "SUCCESS"]?hotline-fallback,s,1`,
		"Dial(PJSIP/110@carrier,40)", "Dial(PJSIP/110@far,40)", "Dial(PJSIP/139@carrier,25,drU(hotline-accept))",
		"Dial(PJSIP/139@carrier,25,rU(hotline-accept))", // a leader's own voicemail takes no emergency
		c.Dir + "/spool/fallback/${UNIQUEID}.wav,5,180,kqy",
	} {
		if !strings.Contains(plan, want) {
			t.Errorf("dialplan lacks %q:\n%s", want, plan)
		}
	}
	inbound, _, _ := strings.Cut(plan[strings.Index(plan, "[hotline-in]"):], "[hotline-fallback]")
	if strings.Count(inbound, "exten =>") != 1 || strings.Contains(inbound, "Dial(") {
		t.Errorf("callers can reach more than the hotline:\n%s", inbound)
	}
	info, err := os.Stat(filepath.Join(c.Dir, "etc", "ari.conf"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("ari.conf: %v, %v; want it readable by its owner only", info.Mode(), err)
	}
}

// TestCallsInAndOutAreTwoEndpoints, since Asterisk dials no endpoint whose calls it refuses.
func TestCallsInAndOutAreTwoEndpoints(t *testing.T) {
	c := valid(t)
	if err := Render(c); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(c.Dir, "etc", "pjsip.conf"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "endpoint = far-in\nmatch = 192.0.2.1\n"; !strings.Contains(string(b), want) || strings.Contains(string(b), "endpoint = far\n") {
		t.Errorf("no %q in:\n%s", want, b)
	}
	if diff := cmp.Diff([]string{"anonymous", "far-in"}, Inbound([]string{"far"})); diff != "" {
		t.Error(diff)
	}
}

func TestFallbackCalls(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{"log/cdr-custom", "spool/fallback"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	list := `"1795.1","13800138000","12345","1795349920.250000","1795349950.000000","message"` + "\n" +
		`"../x","1","s","1","2","message"` + "\n" + `nonsense` + "\n" +
		`"1795.2","","12345","1795349960.000000","1795349970.000000","emergency-1"` + "\n"
	os.WriteFile(csvPath(dir), []byte(list), 0o600)
	for _, id := range []string{"1795.1", "1795.9"} {
		os.WriteFile(filepath.Join(messageDir(dir), id+".wav"), []byte("x"), 0o600)
	}
	calls, err := FallbackCalls(dir)
	if err == nil || !strings.Contains(err.Error(), "line 2") || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("error %v, want lines 2 and 3", err)
	}
	var got []string
	for _, c := range calls {
		got = append(got, c.ID+" "+c.Caller+" "+c.Outcome+" "+filepath.Base(c.Message))
	}
	want := []string{"1795.1 13800138000 message 1795.1.wav", "1795.2  emergency-1 .", "1795.9   1795.9.wav"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if want := time.UnixMicro(1795349920250000); !calls[0].Start.Equal(want) {
		t.Errorf("start %v, want %v", calls[0].Start, want)
	}
	for range 2 {
		if err := Forget(calls[0]); err != nil {
			t.Error(err)
		}
	}
}

func FuzzParseCalls(f *testing.F) {
	f.Add(`"1795.1","138","12345","1795349920.250000","1795349950","message"` + "\n")
	f.Add("\"a\nb\",,,,,\n")
	f.Add(`"`)
	f.Fuzz(func(t *testing.T, list string) {
		calls, _ := parseCalls(strings.NewReader(list))
		for _, c := range calls {
			if filepath.Base(c.ID+".wav") != c.ID+".wav" {
				t.Fatalf("id %q leads out of its folder", c.ID)
			}
		}
	})
}
