package console_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/console"
	"hotline/dispatch/sqlstore"
	"hotline/sms"
)

const (
	password = "correct horse battery"
	citizen  = "13812345678"
)

var tenOClock = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC) // a Monday, 10:00 in Zhengzhou

// clock is the hotline's time in a test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// seats is a register of desks.
type seats struct {
	mu   sync.Mutex
	desk console.Desk // the only one
}

func (s *seats) List() []console.Desk {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []console.Desk{s.desk}
}

func (s *seats) sit(name, agent, state string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.desk = console.Desk{Name: "8001", Agent: agent, State: state, Since: tenOClock, Taken: 2}
	return name == "8001"
}

func (s *seats) SignIn(name, agent string) bool { return s.sit(name, agent, "idle") }
func (s *seats) SignOut(name string) bool       { return s.sit(name, "", "away") }
func (s *seats) WriteUp(name string) bool       { return s.sit(name, s.List()[0].Agent, "after_call") }

// bench is a console over a real office on a real SQLite file.
type bench struct {
	t      testing.TB
	store  *sqlstore.Store
	office *dispatch.Office
	clock  *clock
	beat   chan time.Time // fires the event stream's heartbeat
	server *httptest.Server
	self   *console.Console

	accounts *console.Accounts
	file     string // the database
}

func newBench(t testing.TB) *bench {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlstore.Open(t.Context(), filepath.Join(dir, "hotline.db"))
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	policy, err := dispatch.LoadPolicy(deploy.Files, "hotlines/zz/policy.yaml")
	must(t, err)
	days, err := calendar.LoadDir(deploy.Files, "calendar")
	must(t, err)
	b := &bench{t: t, store: store, file: filepath.Join(dir, "hotline.db"), clock: &clock{now: tenOClock}, beat: make(chan time.Time)}
	b.office = dispatch.NewOffice(dispatch.Config{Store: store, Policy: policy, Calendar: days, Now: b.clock.Now,
		Secret: []byte("the bench's own secret"),
		Knowledge: dispatch.Knowledge{Entries: []dispatch.Entry{
			{ID: "terms", Title: "诉求多久答复", Audience: dispatch.External, Tags: []string{"期限"}, Words: "咨询类2个工作日内答复,其他诉求5个工作日内。"},
			{ID: "steps", Title: "职责有争议的单怎样派", Audience: dispatch.Internal, Tags: []string{"派单"}, Words: "先由热线召集有关单位协商,协商不成报分管领导明确。"},
			{ID: "burst", Title: "建设路爆管", Audience: dispatch.External, Unit: "water", Urgent: true, Words: "建设路自来水管正在抢修,预计今晚恢复供水。", Until: "2026-12-31"},
		}},
		Units: []dispatch.Unit{{ID: "water", Name: "水务局"}, {ID: "roads", Name: "住建局"}, {ID: "power", Name: "供电公司", Form: dispatch.FormPaper}}})
	accounts, err := console.NewAccounts(b.clock.Now)
	must(t, err)
	accounts.Cheapen()
	b.accounts = accounts
	must(t, accounts.Add(console.Account{Name: "admin", Roles: []console.Role{console.HotlineAdmin}}, password))
	must(t, os.WriteFile(filepath.Join(dir, "one.wav"), wav(8000), 0o600))
	recordings, err := console.OpenFolder(dir)
	must(t, err)
	t.Cleanup(func() { must(t, recordings.Close()) })
	b.self, err = console.New(console.Config{
		Office: b.office, Record: store, Accounts: accounts, Audio: recordings, Desks: &seats{desk: console.Desk{Name: "8001", State: "away", Since: tenOClock}}, Switches: &register{all: []console.Switch{{Name: "main", Want: "serving", State: "up"}}}, Red: b.redPanel(),
		Trading: exchange{b, dir}, Materials: os.DirFS(filepath.Join(dir, "materials")),
		Calendar: &shelf{[]console.CalendarYear{{Year: 2026, Edition: 1}}},
		Leaders:  func() []string { return []string{"13900000009"} },
		Clause:   func(id string) string { return "《" + id[:min(2, len(id))] + "》" },
		Types:    policy.Types, Exceptions: policy.Redo.Exceptions, Title: policy.Hotline.Name, Version: "test", Now: b.clock.Now,
		After: func(time.Duration) <-chan time.Time { return b.beat },
	})
	must(t, err)
	b.server = httptest.NewServer(b.self)
	t.Cleanup(func() { b.self.Close(); b.server.Close() })
	return b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wav is a second of a tone.
func wav(rate int) []byte {
	var b bytes.Buffer
	b.WriteString("RIFF")
	_ = binary.Write(&b, binary.LittleEndian, uint32(36+2*rate))
	b.WriteString("WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2 * rate), uint16(2), uint16(16)} {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, uint32(2*rate))
	for i := range rate {
		_ = binary.Write(&b, binary.LittleEndian, int16(8000*(i/10%2)-4000))
	}
	return b.Bytes()
}

// client is somebody at the API.
type client struct {
	t      testing.TB
	base   string
	http   *http.Client
	header http.Header
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// guest is not logged in.
func (b *bench) guest() *client {
	jar, err := cookiejar.New(nil)
	must(b.t, err)
	return &client{t: b.t, base: b.server.URL, http: &http.Client{Jar: jar}, header: http.Header{}}
}

// browser is logged in by cookie.
func (b *bench) browser() *client {
	b.t.Helper()
	c := b.guest()
	a := c.post("/login", map[string]any{"account": "admin", "password": password})
	if a.status != http.StatusOK {
		b.t.Fatalf("log in: %d %s", a.status, a.body)
	}
	var s struct {
		CSRF string `json:"csrf_token"`
	}
	a.into(b.t, &s)
	c.header.Set("X-CSRF-Token", s.CSRF)
	return c
}

func (c *client) do(method, path, body string, header ...string) answer {
	c.t.Helper()
	if strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "/api/") {
		path = "/api/v1" + path
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
	must(c.t, err)
	req.Header = c.header.Clone()
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.http.Do(req)
	must(c.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(c.t, err)
	return answer{res.StatusCode, res.Header, string(text)}
}

func (c *client) get(path string) answer { c.t.Helper(); return c.do("GET", path, "") }

func (c *client) post(path string, body any, header ...string) answer {
	c.t.Helper()
	text, err := json.Marshal(body)
	must(c.t, err)
	return c.do("POST", path, string(text), header...)
}

func (a answer) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

// want fails unless the answer has a status and, if given, holds these words.
func (a answer) want(t testing.TB, status int, words ...string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			t.Errorf("%q is not in %s", w, a.body)
		}
	}
}

// story fills the record with one of everything, as the office makes it: an ordinary
// voicemail that was completed and rated "5", and a confidential report.
type story struct {
	order, secret dispatch.Order
	voicemail     dispatch.Voicemail
	callback      dispatch.Callback
}

func (b *bench) story() story {
	t := b.t
	t.Helper()
	var s story
	var err error
	ctx := t.Context()
	must(t, b.office.RecordCall(ctx, dispatch.Call{ID: "call1", From: citizen, To: "12345", Outcome: "voicemail", StartedAt: tenOClock,
		Steps: []dispatch.Step{{At: tenOClock, What: "ring", Text: "值班手机 13900000001"}}}))
	s.order, err = b.office.LeaveVoicemail(ctx, dispatch.Intake{Type: dispatch.Help, Phone: citizen, Name: "王先生", CallID: "call1", ReceiptText: true,
		Summary: "路灯坏了,请回电 +8613812345678", NotifyDuty: []string{"13900000001"},
		Voicemail: &dispatch.Voicemail{ID: "vm1", File: "one.wav", Duration: time.Second, Reason: "after_hours"}})
	must(t, err)
	s.secret, err = b.office.Open(ctx, dispatch.Intake{Channel: dispatch.ByPhone, Type: dispatch.Report, Phone: "13698765432", Name: "举报人甲",
		Summary: "某局公务员吃拿卡要,我电话 13698765432", CallID: "call2", ReceiptText: true})
	must(t, err)
	must(t, b.office.RecordCall(ctx, dispatch.Call{ID: "call2", From: "13698765432", To: "12345", Outcome: "answered", Order: s.secret.Number, StartedAt: tenOClock,
		Steps: []dispatch.Step{{At: tenOClock, What: "ring", Text: "13698765432 来电"}}}))
	s.order, err = b.office.Complete(ctx, s.order.Number, dispatch.Completion{Actor: "agent:admin", Result: "已修好"})
	must(t, err)
	surveys, err := b.store.Surveys(ctx, dispatch.Filter{Order: s.order.Number})
	must(t, err)
	must(t, b.office.TextMoved(ctx, sms.Message{ID: surveys[0].MessageID, Kind: sms.KindSurvey, Ref: surveys[0].ID, Status: sms.Delivered, DoneAt: b.clock.Now(), SentAt: b.clock.Now()}))
	for _, in := range []sms.Inbound{
		{ID: "in1", Key: "in1", Link: "smpp", From: citizen, Ext: surveys[0].Slot, Text: "5", EventAt: b.clock.Now(), ReceivedAt: b.clock.Now()},
		{ID: "in2", Key: "in2", Link: "smpp", From: "13698765432", Text: "退订", EventAt: b.clock.Now(), ReceivedAt: b.clock.Now()},
	} {
		_, err = b.store.Receive(ctx, in)
		must(t, err)
		_, err = b.office.TakeText(ctx, in)
		must(t, err)
	}
	callbacks, err := b.store.Callbacks(ctx, dispatch.Filter{})
	must(t, err)
	if len(callbacks) != 1 {
		t.Fatalf("callbacks: %+v", callbacks)
	}
	s.callback = callbacks[0]
	s.voicemail, err = b.store.VoicemailBy(ctx, "vm1")
	must(t, err)
	return s
}

// tellsCode reports whether a query code ends a string. The last digits of a number, masked or
// not, and of an id may be the same.
func tellsCode(body, pin string) bool {
	return regexp.MustCompile(`(^|[^0-9A-Za-z*-])` + pin + `"`).MatchString(body)
}
