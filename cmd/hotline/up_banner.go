package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"hotline/cmd/rig"
	"hotline/dispatch"
	"hotline/ivr"
)

// writeBanner says what a person at this machine can do now. It shows the console's
// password and therefore goes to the terminal only, never to a log.
func writeBanner(out io.Writer, r *rig.Rig) {
	rule := strings.Repeat("─", 78)
	rows := [][2]string{
		{"拨打 / dial", fmt.Sprintf("sip:%s@%s:%d  (任意 SIP 话机 / any SIP phone)", r.Asterisk.Hotline, r.Bind, r.Ports.SIP)},
		{"", fmt.Sprintf(".cache/bin/hotline phone sip:%s@%s:%d  (终端话机 / in the terminal)", r.Asterisk.Hotline, r.Bind, r.Ports.SIP)},
		{"现在 / now", officeHours(r.House.Profile.Hours, time.Now())},
		{"按键 / keys", r.House.Keys},
		{"紧急 / emergency", emergencyKeys(r.House.Profile.Emergency.Services)},
		{"控制台 / console", fmt.Sprintf("http://%s  admin / %s  (本次有效 / this run only)", rig.Local(r.Ports.HTTP), r.Password)},
		{"手机页 / handsets", fmt.Sprintf("http://%s  (收短信、回短信 / texts arrive and are answered here)", rig.Local(r.Ports.CarrierWeb))},
		{"日志 / logs", r.Dir + "/log"},
	}
	fmt.Fprintf(out, "\n%s\n %s\n\n", rule, r.House.Profile.Name)
	for _, row := range rows {
		if row[1] != "" {
			fmt.Fprintf(out, " %s%s\n", padded(row[0], 20), row[1])
		}
	}
	fmt.Fprintf(out, "\n 所有紧急号码均为模拟,不会拨出本机 / every emergency number is simulated; nothing\n"+
		" leaves this machine.   Ctrl-C 停止 / stops\n%s\n", rule)
}

// officeHours says who will answer a call made now: it explains why no desk rings at night.
func officeHours(h ivr.Hours, now time.Time) string {
	state := "非工作时间,呼叫值班 / after hours: the officers on duty are rung"
	if open, _ := h.Open(now); open {
		state = "工作时间,呼叫座席 / open: the desks are rung"
	}
	return now.In(dispatch.Place).Format("15:04 ") + state
}

// menuKeys is what the first menu of the flow offers; empty when there is none.
func menuKeys(f *ivr.Flow) string {
	for _, n := range f.Nodes {
		if n.Verb != "menu" {
			continue
		}
		var labels []string
		for _, e := range n.Exits() {
			if key, ok := strings.CutPrefix(e.Label, "按"); ok && strings.ContainsAny(key[:1], "0123456789*#") {
				labels = append(labels, e.Label)
			}
		}
		return strings.Join(labels, ", ")
	}
	return ""
}

// emergencyKeys is the way to each emergency service.
func emergencyKeys(services []ivr.Service) string {
	var ways []string
	for _, s := range services {
		ways = append(ways, fmt.Sprintf("9 %c → %s", s.Key, s.Number))
	}
	return strings.Join(ways, ", ")
}

// padded fills text to a width in terminal columns, of which a Chinese character takes two.
func padded(text string, width int) string {
	used := 0
	for _, c := range text {
		used++
		if c >= 0x2E80 {
			used++
		}
	}
	return text + strings.Repeat(" ", max(1, width-used))
}
