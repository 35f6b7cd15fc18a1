package httpapi

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hotline/sms"
)

// stillClock is an sms.Clock that stands at a second; nothing falls due.
type stillClock int64

func (c stillClock) Now() time.Time { return time.Unix(int64(c), 0) }

func (stillClock) AfterFunc(time.Duration, func()) (stop func() bool) {
	return func() bool { return true }
}

// FuzzCallback has the readings of every ready description take anything for a callback:
// no panic, and what is read says what it must.
func FuzzCallback(f *testing.F) {
	for _, seed := range []string{
		`[{"phone_number":"13811110001","report_time":"2017-01-01 00:00:05","success":true,"err_code":"DELIVERED","biz_id":"1"}]`,
		`[{"phone_number":"13811110001","send_time":"20170901000000","content":"1","sequence_id":1}]`,
		`[{"user_receive_time":"2015-10-17 08:03:04","mobile":"13811110001","report_status":"SUCCESS","errmsg":"DELIVRD","sid":"5"}]`,
		`{"extend":"1","mobile":"+8613811110001","text":"满意","time":1457336869}`,
		"msgid=1&mobile=138&stat=DELIVRD&done=1457336869000", "moid=1&from=138&to=106&text=%E5%A5%BD&time=202611010000",
	} {
		f.Add(seed, false)
	}
	var readings []*Reading
	for _, name := range ReadyNames() {
		api, err := Ready(name)
		if err != nil {
			f.Fatal(err)
		}
		readings = append(readings, api.Receipts, api.Texts)
		for _, p := range api.Pulls {
			if p.Receipts != nil {
				readings = append(readings, p.Receipts)
			} else {
				readings = append(readings, p.Texts)
			}
		}
	}
	link := &Link{cfg: Config{Name: "a", Numbers: []string{"1069012345"}, ExtDigits: 2, Clock: stillClock(1_800_000_000)}}
	f.Fuzz(func(t *testing.T, body string, get bool) {
		r := &http.Request{Method: http.MethodPost, URL: &url.URL{}}
		if get {
			r.Method, r.URL.RawQuery, body = http.MethodGet, body, ""
		}
		for _, reading := range readings {
			things, err := readCallback(reading, r, []byte(body))
			if err != nil {
				continue
			}
			if len(things) > mostItems {
				t.Fatalf("%d things", len(things))
			}
			for _, thing := range things {
				link.fuzzed(t, reading, thing)
			}
		}
	})
}

func (l *Link) fuzzed(t *testing.T, reading *Reading, thing any) {
	if reading.Text == "" {
		if r, err := l.receipt(reading, thing, ""); err == nil && (r.CarrierID == "" || r.Status == "" || r.Link != "a") {
			t.Errorf("a receipt that says nothing: %+v", r)
		}
		return
	}
	p, err := l.part(reading, thing)
	if err != nil {
		return
	}
	again, err := l.part(reading, thing)
	if err != nil || again.Hash != p.Hash || again.ID != p.ID || p.From == "" || len(p.Hash) != 32 {
		t.Errorf("read as %+v and again as %+v", p, again)
	}
}

// FuzzTemplate recognises what a template was filled with.
func FuzzTemplate(f *testing.F) {
	f.Add("工单{number}已办结,{result}", "【热线】工单1已办结,好")
	f.Add("{a}{b}", "x")
	f.Add("\xe5", "\xe5") // no UTF-8: refused when the link is made
	f.Fuzz(func(t *testing.T, form, text string) {
		compiled, err := Template{ID: "1", Text: form}.compile()
		if err != nil {
			return
		}
		l := &Link{templates: []template{compiled}}
		_, rest := unsign(text)
		id, params, values, ok := l.recognise(rest)
		if !ok {
			return
		}
		if id != "1" || len(values) != len(l.templates[0].names) || len(params) > len(values) {
			t.Fatalf("%q in %q: %v %v", text, form, params, values)
		}
		filled, last := strings.Builder{}, 0
		for i, at := range blank.FindAllStringIndex(form, -1) {
			filled.WriteString(form[last:at[0]] + values[i])
			last = at[1]
		}
		filled.WriteString(form[last:])
		if filled.String() != rest {
			t.Fatalf("%q filled gives %q, not %q", form, filled.String(), rest)
		}
	})
}

// FuzzAnswer judges anything that may come back for a text.
func FuzzAnswer(f *testing.F) {
	f.Add(200, `{"Code":"OK","BizId":"1"}`)
	f.Add(400, `{"Response":{"Error":{"Code":"RequestLimitExceeded.X"}}}`)
	f.Add(503, `{"status":0,"msgid":12}`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		for _, name := range ReadyNames() {
			api, err := Ready(name)
			if err != nil {
				t.Fatal(err)
			}
			a := answer{status: status}
			a.body, a.text = parse([]byte(body))
			id, fault := api.Send.judge(a)
			switch {
			case fault == nil && status/100 != 2:
				t.Errorf("%s: %d is no success", name, status)
			case fault != nil && (id != "" || fault.Code == "" || fault.Err == nil || !faults[fault.Fault]):
				t.Errorf("%s: %d %s: %q %+v", name, status, body, id, fault)
			case fault != nil && fault.Fault == sms.Temporary && status >= 500 && name == "tencent" && !strings.Contains(body, "Code"):
				t.Errorf("%d may have been processed", status)
			}
		}
	})
}
