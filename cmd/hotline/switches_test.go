package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/asterisk/asterisktest"
	"hotline/asterisk/conf"
	"hotline/asterisk/sipphone"
	"hotline/cmd/rig"
)

// command runs `hotline switches` with words after it, asking the rig's console.
func (c *calm) command(in string, words ...string) (string, error) {
	var out bytes.Buffer
	root := newRootCommand()
	root.SetArgs(append([]string{"switches", "--api", c.console.base}, words...))
	root.SetIn(strings.NewReader(in))
	root.SetOut(&out)
	err := root.ExecuteContext(c.ctx)
	return out.String(), err
}

// stands waits until `hotline switches list` has a line of these words for a name, or
// none for no words.
func (c *calm) stands(name string, words ...string) {
	c.t.Helper()
	c.must(eventually(c.ctx, func(context.Context) error {
		list, err := c.command("", "list")
		if err != nil {
			return err
		}
		line := ""
		for l := range strings.Lines(list) {
			if strings.HasPrefix(l, name+" ") {
				line = l
			}
		}
		for _, w := range words {
			if !strings.Contains(line, " "+w+" ") {
				return fmt.Errorf("%s is not %v:\n%s", name, words, list)
			}
		}
		if len(words) == 0 && line != "" {
			return fmt.Errorf("%s is still there:\n%s", name, list)
		}
		return nil
	}))
}

// refusesAll waits until an Asterisk that is being drained tells who calls when to come again;
// before its gate knows, its dialplan refuses without that.
func (c *calm) refusesAll(port int) {
	c.t.Helper()
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		var refused *sipphone.Rejected
		_, err := c.citizen.Call(ctx, "sip:12345@"+rig.Local(port), sipphone.CallOptions{From: secondCaller})
		if !errors.As(err, &refused) || refused.Status != 503 {
			c.t.Errorf("a call to an Asterisk that is drained: %v, want 503", err)
			return nil
		}
		if refused.After == 0 {
			return errors.New("503 without Retry-After")
		}
		return nil
	}))
}

// TestAsterisksComeAndGo adds an Asterisk to a running hotline, drains the first one
// while somebody talks on it, kills the second and lets go of the first.
func TestAsterisksComeAndGo(t *testing.T) {
	t.Setenv("HOTLINE_ADMIN_PASSWORD", "test-password")
	r := testRig(t)
	c := newCalm(t, r)
	second := asterisktest.Start(t, asterisktest.Options{Configure: func(cfg *conf.Config) {
		cfg.Name, cfg.Recordings = "two", filepath.Join(r.Asterisk.Dir, "spool", "recording")
		cfg.Hotline, cfg.Trunks, cfg.Desks, cfg.Fallback = r.Asterisk.Hotline, r.Asterisk.Trunks, r.Asterisk.Desks, r.Asterisk.Fallback
	}})
	address := strings.Replace(second.ARI, "//", "//"+second.Config.ARIUser+":"+second.Config.ARIPass+"@", 1)
	if _, err := c.command("", "add", "two=http://h:1"); err == nil {
		t.Error("an Asterisk without a password was added")
	}
	shown, err := c.command("two="+address+",dir="+second.Config.Dir+"\n", "add", "-")
	c.must(err)
	if strings.Contains(shown, second.Config.ARIPass+"@") {
		t.Errorf("the password is shown:\n%s", shown)
	}
	if _, err := c.command("", "add", "two="+address); err == nil {
		t.Error("two of one name")
	}
	c.stands("two", "serving", "up")
	c.lacks()

	first := talk{to: "8001", far: 620, near: 440}
	one := c.talks(citizenNumber, first)
	_, err = c.command("", "drain", "main")
	c.must(err)
	c.stands("main", "draining", "1")
	c.refusesAll(r.Asterisk.SIPPort)
	two, err := c.citizen.Call(c.ctx, "sip:12345@"+second.SIP, sipphone.CallOptions{From: secondCaller})
	c.must(err)
	defer hangUp(two)
	c.must(c.press(c.ctx, two, "0"))
	c.must(c.converse(c.ctx, two, talk{to: "8002", far: 660, near: 500}))
	c.stillTalks(one, first)
	var metrics string
	c.must(c.console.get(c.ctx, "/metrics", &metrics))
	for _, want := range []string{`ari_connected{switch="main"} 1`, `ari_connected{switch="two"} 1`, `hotline_calls{switch="two"} 1`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}

	second.Kill()
	c.stands("two", "serving", "down")
	c.stillTalks(one, first)
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		var parts string
		err := c.console.get(ctx, "/readyz", &parts)
		if err == nil && !strings.Contains(parts, `{"name":"Asterisk two","up":false`) {
			err = fmt.Errorf("/readyz does not say what is missing: %s", parts)
		}
		return err
	}))
	_, err = c.command("", "remove", "main")
	c.must(err)
	c.stands("main", "removed", "draining")
	c.stillTalks(one, first)
	hangUp(one)
	c.stands("main")
	second.Launch(t)
	c.stands("two", "serving", "up")
	_, err = c.command("", "drain", "two")
	c.must(err)
	c.refusesAll(second.Config.SIPPort)
	r.StopPart(rig.Hotline, time.Minute) // it is started with the first one, and so has it again
	c.must(r.StartPart(c.ctx, rig.Hotline))
	c.must(c.console.logIn(c.ctx))
	c.stands("main", "serving", "up")
	c.emergencyWorks()
}
