package main

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// sms runs `hotline sms` against the rig, typing what is asked for, and returns what it
// printed.
func (c *calm) sms(typed string, args ...string) (string, error) {
	c.t.Helper()
	c.t.Setenv("HOTLINE_ADMIN_PASSWORD", c.rig.Password)
	var out bytes.Buffer
	root := newRootCommand()
	root.SetOut(&out)
	root.SetIn(strings.NewReader(typed))
	root.SetArgs(append([]string{"sms", "--api", c.console.base}, args...))
	err := root.ExecuteContext(c.ctx)
	return out.String(), err
}

// shows waits until `hotline sms` prints all of these words.
func (c *calm) shows(words []string, args ...string) string {
	c.t.Helper()
	var out string
	c.must(eventually(c.ctx, func(context.Context) (err error) {
		if out, err = c.sms("", args...); err != nil {
			return err
		}
		for _, w := range words {
			if !strings.Contains(out, w) {
				return fmt.Errorf("%q is not in:\n%s", w, out)
			}
		}
		return nil
	}))
	return out
}

// TestTextsByHand: a notice is previewed, sent and followed to the handset; a citizen's
// text becomes an order with a receipt within three minutes (ZZ-3.1), is asked for by text
// (ZZ-18.3), and a refusal holds until KT; all of it through SMPP and a handset.
func TestTextsByHand(t *testing.T) {
	c := newCalm(t, testRig(t))
	c.shows([]string{"smpp", "true", "queued 0"}, "links")
	if out, err := c.sms("n\n", "send", textNumber, "通道测试甲"); err == nil || !strings.Contains(out, "【高新区热线】通道测试甲") {
		t.Errorf("sent without a yes: %v\n%s", err, out)
	}
	out, err := c.sms("y\n", "send", textNumber, "通道测试乙")
	c.must(err)
	id := regexp.MustCompile(`[0-9A-Z]{26}`).FindString(out)
	notice, err := c.carrier.text(c.ctx, textNumber, "通道测试乙")
	c.must(err)
	c.shows([]string{"delivered", "DELIVRD", "agent:admin"}, "trace", id)

	began := time.Now()
	c.must(c.carrier.write(c.ctx, textNumber, notice.Peer, "小区路灯坏了三天了"))
	receipt, err := c.carrier.text(c.ctx, textNumber, "已收到您的诉求")
	c.must(err)
	t.Logf("the receipt took %s", time.Since(began).Round(time.Millisecond))
	m := regexp.MustCompile(`工单(ZZ[0-9-]+),?，?查询码(\d{4})`).FindStringSubmatch(receipt.Text)
	if m == nil {
		t.Fatalf("receipt %q", receipt.Text)
	}
	c.must(c.carrier.write(c.ctx, textNumber, notice.Peer, "ｃｘ "+m[1]+" "+m[2]))
	_, err = c.carrier.text(c.ctx, textNumber, "工单"+m[1]+"正在办理")
	c.must(err)
	c.must(c.carrier.write(c.ctx, textNumber, notice.Peer, "TD"))
	_, err = c.carrier.text(c.ctx, textNumber, "已为您退订")
	c.must(err)
	if _, err := c.sms("", "send", "--yes", textNumber, "通道测试丙"); err == nil || !strings.Contains(err.Error(), "退订") {
		t.Errorf("sent to who refuses: %v", err)
	}
	c.must(c.carrier.write(c.ctx, textNumber, notice.Peer, "KT"))
	_, err = c.carrier.text(c.ctx, textNumber, "已恢复")
	c.must(err)
	talk := c.shows([]string{"通道测试乙", "小区路灯坏了三天了", "opt-in", "****"}, "trace", textNumber)
	if strings.Contains(talk, textNumber) || strings.Contains(talk, m[2]+"\n") || strings.Contains(talk, "通道测试丙") {
		t.Errorf("the talk shows too much:\n%s", talk)
	}
	if _, err := c.sms("", "replay", id, "--reason", "试"); err == nil || !strings.Contains(err.Error(), "409") {
		t.Errorf("a delivered text was replayed: %v", err)
	}
	if _, err := c.sms("", "replay", "nothing", "--reason", "试"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("nothing was replayed: %v", err)
	}
}

// TestPreview: every template of a hotline, at its longest, in both languages.
func TestPreview(t *testing.T) {
	out, err := runCommand(t, newSMSCommand(), "preview", "zz")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"zz texts.survey: ", "1 条 / segments\n    【高新区热线】工单ZZ20261230-999999-", "zz texts_en.receipt: ", "已于12月30日答复：答答"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in:\n%s", want, out)
		}
	}
	out, err = runCommand(t, newCheckCommand(), "zz", "--texts")
	if err != nil || !strings.Contains(out, "zz texts.urgent: ") {
		t.Errorf("check: %v\n%s", err, out)
	}
}
