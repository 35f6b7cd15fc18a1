package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/cmd/rig"
)

// redCommand runs `hotline red` with words after it.
func (c *calm) redCommand(api string, words ...string) string {
	c.t.Helper()
	var out bytes.Buffer
	root := newRootCommand()
	root.SetArgs(append([]string{"red", "--api", api}, words...))
	root.SetOut(&out)
	c.must(root.ExecuteContext(c.ctx))
	return out.String()
}

// redSeen waits until /status of a controller tells that the button stands so.
func (c *calm) redSeen(console *consoleClient, on bool) (after time.Duration) {
	c.t.Helper()
	began := time.Now()
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		var status struct{ Red struct{ On bool } }
		if err := console.get(ctx, "/api/v1/status", &status); err != nil {
			return err
		}
		return want("red button", status.Red.On, on)
	}))
	return time.Since(began)
}

// learnSpoken lets the citizen's phone tell free texts that were put into sound.
func (c *calm) learnSpoken(sounds string) {
	c.t.Helper()
	files, err := filepath.Glob(filepath.Join(sounds, "spoken", "*", "*", "*.alaw"))
	c.must(err)
	if len(files) == 0 {
		c.t.Fatal("nothing was put into sound")
	}
	for _, f := range files {
		c.must(c.sounds.AddFile("spoken/"+filepath.Base(f), strings.TrimSuffix(f, ".alaw")))
	}
}

// TestRedButtonScenario16ZQ_21_3XZ_20 presses it by command and by API, with Redis away and over
// a restart: calls go to duty after the announcement, at once, and the emergency key works.
func TestRedButtonScenario16ZQ_21_3XZ_20(t *testing.T) {
	t.Setenv("HOTLINE_ADMIN_PASSWORD", "test-password")
	r := testRig(t)
	c := newCalm(t, r)
	c.must(c.lines(c.ctx, map[string]line{dutyNumber: {Behaviour: "answer", AnswerAfterMS: 200, Press: "1", PressAfterMS: 300, ToneHz: 700}}))
	duty := func(prompt string, call int) {
		t.Helper()
		s, err := c.dial(c.ctx, citizenNumber)
		c.must(err)
		defer hangUp(s)
		c.must(c.hears(c.ctx, s, prompt))
		c.must(c.converse(c.ctx, s, talk{to: dutyNumber, far: 700, near: 440, call: call}))
	}
	began := time.Now()
	if out := c.redCommand(c.console.base, "duty", "--announce", "red-flood", "--reason", "防汛"); !strings.Contains(out, "全线转值班,先播公告") {
		t.Errorf("said %s", out)
	}
	duty("red-flood", 1)
	t.Logf("in force, heard and answered %v after the command began", time.Since(began))
	s, err := c.dial(c.ctx, secondCaller) // the emergency key in the announcement (ZZ-10.3)
	c.must(err)
	c.must(c.hears(c.ctx, s, "red-flood"))
	c.must(c.press(c.ctx, s, "9"))
	pressed := time.Now()
	c.must(c.press(c.ctx, s, "2"))
	c.reaches(s, pressed)
	hangUp(s)

	r.Kill(rig.Redis)
	c.carrier.forget()
	duty("red-flood", 1)
	c.must(r.StartPart(c.ctx, rig.Redis))
	r.Kill(rig.Hotline)
	c.must(r.StartPart(c.ctx, rig.Hotline))
	c.must(c.console.logIn(c.ctx))
	c.must(c.clockTo(c.ctx, storyDay)) // a new program knows the machine's time only, and another shift
	c.redSeen(c.console, true)
	c.carrier.forget()
	duty("red-flood", 1)

	c.must(c.console.post(c.ctx, "/api/v1/red", map[string]string{"route": "usual", "text": "人民路正在抢修水管,请绕行。", "reason": "停水"}, nil))
	c.learnSpoken(r.Sounds)
	s, err = c.dial(c.ctx, citizenNumber)
	c.must(err)
	c.must(c.hears(c.ctx, s, "welcome-zz"))
	if heard := transcript(s); !strings.HasPrefix(heard, "spoken/") {
		t.Errorf("the announcement in words was not heard first: %s", heard)
	}
	hangUp(s)
	c.redCommand(c.console.base, "off", "--reason", "解除")
	c.hearsFirst(citizenNumber, "welcome-zz")
}
