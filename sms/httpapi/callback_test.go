package httpapi_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"hotline/sms"
	"hotline/sms/httpapi"
	"hotline/sms/smstest"
)

// post calls a link back; the answer's body comes with its status.
func post(t *testing.T, url, body string) (status int, answer string) {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// calledBack is a link that is up, and where it is called back.
func calledBack(t *testing.T, style string) (l *httpapi.Link, sink *smstest.Sink, url string) {
	t.Helper()
	cfg := configFor(t, newCloud(t, style), style)
	l, sink = up(t, cfg)
	return l, sink, "http://" + cfg.Listen + "/" + token
}

// The examples of the carriers' documentation, and what they mean.
func TestPublishedCallbacks(t *testing.T) {
	l, sink, at := calledBack(t, smstest.CloudAliyun)
	status, answer := post(t, at+"/receipts", `[{"phone_number":"13811110001","send_time":"2017-01-01 00:00:00","report_time":"2017-01-01 00:00:05",
		"success":true,"err_code":"DELIVERED","err_msg":"用户接收成功","sms_size":"1","biz_id":"12345^0","out_id":"67890"},
		{"phone_number":"13811110001","send_time":"2017-01-01 00:00:00","report_time":"2017-01-01 00:00:05",
		"success":false,"err_code":"MK:0001","err_msg":"空号","sms_size":"1","biz_id":"12346^0","out_id":"67891"}]`)
	if status != 200 || answer != `{"code":0,"msg":"接收成功"}` {
		t.Errorf("answered %d %s", status, answer)
	}
	receipts, _ := sink.Receipts(soon(t), 2)
	done := time.Date(2016, 12, 31, 16, 0, 5, 0, time.UTC)
	same(t, receipts[0], sms.Receipt{Link: "cloud", CarrierID: "12345^0", Phone: "13811110001", Status: sms.Delivered, Raw: "DELIVERED", DoneAt: done})
	same(t, receipts[1], sms.Receipt{Link: "cloud", CarrierID: "12346^0", Phone: "13811110001", Status: sms.Undelivered, Raw: "MK:0001", DoneAt: done})

	status, _ = post(t, at+"/texts", `[{"phone_number":"13811110001","send_time":"20170901000000","content":"1","sign_name":"签名","dest_code":"1234","sequence_id":12345678901234567890}]`)
	parts, _ := sink.Parts(soon(t), 1)
	p := parts[0]
	if status != 200 || p.ID != "12345678901234567890" || p.From != "13811110001" || p.Ext != "" || p.To != "1069012345" || p.Text != "1" ||
		!p.SentAt.Equal(time.Date(2017, 8, 31, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("%d: %+v", status, p)
	}
	if s, of := l.Stats(), l.Health().Stats; s.Callbacks != 2 || of.Malformed != 0 || of.Receipts != 2 || of.Texts != 1 {
		t.Errorf("%+v, %+v", s, of)
	}

	_, sink, at = calledBack(t, smstest.CloudTencent)
	status, answer = post(t, at+"/receipts", `[{"user_receive_time":"2015-10-17 08:03:04","nationcode":"86","mobile":"13811110001",
		"report_status":"SUCCESS","errmsg":"DELIVRD","description":"用户短信送达成功","sid":"5000:1"}]`)
	if status != 200 || answer != `{"result":0,"errmsg":"OK"}` {
		t.Errorf("answered %d %s", status, answer)
	}
	receipts, _ = sink.Receipts(soon(t), 1)
	done = time.Date(2015, 10, 17, 0, 3, 4, 0, time.UTC)
	same(t, receipts[0], sms.Receipt{Link: "cloud", CarrierID: "5000:1", Phone: "13811110001", Status: sms.Delivered, Raw: "DELIVRD", DoneAt: done})
	post(t, at+"/texts", `{"extend":"","mobile":"13811110001","nationcode":"86","sign":"热线","text":"满意","time":1457336869}`)
	parts, _ = sink.Parts(soon(t), 1)
	if p := parts[0]; p.ID == "" || p.Text != "满意" || !p.SentAt.Equal(time.Unix(1457336869, 0)) {
		t.Errorf("%+v", p)
	}
}

func same(t *testing.T, got, want sms.Receipt) {
	t.Helper()
	if got != want {
		t.Errorf("read\n%+v\nwant\n%+v", got, want)
	}
}

// What makes no sense is refused and counted, and what came with it is stored all the same.
func TestPoisonedCallbacksAreRefused(t *testing.T) {
	l, sink, at := calledBack(t, smstest.CloudAliyun)
	good := `{"phone_number":"13811110001","content":"好","send_time":"2026-11-01 00:00:00","sequence_id":1}`
	for i, bad := range []string{
		"", "x", "[", "{}", "[1]", `"text"`, "null", `[{"phone_number":"13811110001"}]`, `[{"content":"1"}]`, `[[` + good + `]]`,
		good + good, `[` + good + `,{}]`, strings.Repeat("[", 100_000), `[{"phone_number":{"a":1},"content":"1"}]`,
	} {
		if status, _ := post(t, at+"/texts", bad); status != 400 {
			t.Errorf("%.40q: answered %d", bad, status)
		}
		if n := l.Health().Stats.Malformed; n != i+1 {
			t.Errorf("%.40q: %d counted, want %d", bad, n, i+1)
		}
	}
	if parts, err := sink.Parts(soon(t), 1); err != nil || len(parts) != 1 || parts[0].Text != "好" {
		t.Errorf("stored %+v, %v", parts, err)
	}
	if status, _ := post(t, at+"/texts", "["+strings.Repeat(" ", 2<<20)+"]"); status != 413 {
		t.Errorf("two megabytes: answered %d", status)
	}
	if status, _ := post(t, at+"/receipts", `[{"biz_id":"1"}]`); status != 400 {
		t.Errorf("a receipt without a state: answered %d", status)
	}
}

// Whoever does not know the token learns nothing and brings nothing.
func TestStrangersBringNothing(t *testing.T) {
	l, _, at := calledBack(t, smstest.CloudTencent)
	text := `{"mobile":"13811110001","text":"1","time":1457336869}`
	for _, url := range []string{at[:len(at)-1] + "/texts", at + "x/texts", at + "/other", at, strings.TrimSuffix(at, token) + "texts", strings.TrimSuffix(at, token)} {
		if status, _ := post(t, url, text); status != 404 {
			t.Errorf("%s: answered %d", url, status)
		}
	}
	if s := l.Stats(); s.Strangers != 6 || s.Callbacks != 0 {
		t.Errorf("%+v", s)
	}
}

// A store that is away has the carrier come again, with a status after which it does.
func TestUnstoredCallbackComesAgain(t *testing.T) {
	l, sink, at := calledBack(t, smstest.CloudAliyun)
	const texts = `[{"phone_number":"13811110001","content":"好","send_time":"2026-11-01 00:00:00","sequence_id":1}]`
	for _, want := range []int{503, 200} {
		sink.FailNext(want / 500)
		if status, _ := post(t, at+"/texts", texts); status != want {
			t.Errorf("answered %d, want %d", status, want)
		}
	}
	if parts, err := sink.Parts(soon(t), 1); err != nil || len(parts) != 1 {
		t.Errorf("stored %d, %v", len(parts), err)
	}
	if s := l.Health().Stats; s.Again != 1 || l.Stats().Callbacks != 1 {
		t.Errorf("%+v", s)
	}
}
