package console_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"hotline/dispatch/console"
)

// TestInBrowser has every role look at each of its pages in a headless Chromium, wide as a
// desk's screen and narrow as a phone, and work by the keyboard alone: `make pages` asks for
// it by HOTLINE_CHROMIUM, the browser's program.
func TestInBrowser(t *testing.T) {
	program := os.Getenv("HOTLINE_CHROMIUM")
	if program == "" {
		return
	}
	b := newBench(t)
	s := b.story()
	b.give(s.order.Number, "gongan", "")
	c := startChromium(t, program)
	for _, role := range console.Roles {
		t.Run(string(role), func(t *testing.T) {
			b.whoIs(one(role))
			p := c.open(t, b.server.URL)
			p.logIn(string(role))
			var pages []string
			p.run(`() => [...document.querySelectorAll('#tabs a')].map((a) => a.getAttribute('href'))`, &pages)
			if len(pages) == 0 {
				t.Fatal("no page at all")
			}
			if role != console.Auditor {
				pages = append(pages, "#/orders/"+s.order.Number, "#/explain/"+s.order.Number)
			}
			for _, page := range pages {
				for _, width := range []int{1400, 390} {
					p.show(page, width)
				}
			}
		})
	}
	t.Run("on the phone", func(t *testing.T) {
		p := c.open(t, b.server.URL)
		p.logIn(string(console.Agent))
		p.onThePhone()
	})
	t.Run("at the field", func(t *testing.T) {
		b.withPapers(t, s)
		p := c.open(t, b.server.URL)
		p.logIn("admin")
		p.atTheField(b, s)
	})
	t.Run("by the keyboard", func(t *testing.T) {
		p := c.open(t, b.server.URL)
		p.logIn("admin")
		p.byKeyboard()
	})
}

// byKeyboard registers a request, goes back to it and gives it out, without a mouse; what is
// wrong is said where it is.
func (p *page) byKeyboard() {
	p.press("n")
	p.until(`() => document.activeElement.id === 'new-phone'`)
	p.write("13700001111")
	p.press("Tab")
	p.press("Tab")
	p.write("小区停水两天,请尽快修好")
	p.run(`() => { document.getElementById('new-type').value = 'help'; }`, nil)
	p.pressWith("Enter", control)
	p.until(`() => document.activeElement.textContent === '打开工单'`)
	p.press("1")
	p.until(`() => document.querySelector('main .row-link')`)
	p.press("j")
	p.press("Enter")
	p.until(`() => document.querySelector('.commands') && location.hash.startsWith('#/orders/')`)
	p.press(".")
	p.press("Enter")
	p.until(`() => document.activeElement.name === 'lead'`)
	p.pressWith("Enter", control)
	p.until(`() => document.activeElement.getAttribute('aria-invalid') && document.querySelector('.problem').textContent.includes('主办单位')`)
	p.write("水务局")
	p.pressWith("Enter", control)
	p.until(`() => document.querySelector('.timeline').textContent.includes('派发至水务局')`)
	p.complaints = nil // the browser notes the refusal, which was asked for
}

// chromium is a browser that is told what to do by its DevTools protocol.
type chromium struct {
	conn *websocket.Conn
	last int
	said []message // events that nobody looked at yet
}

type message struct {
	ID        int             `json:"id,omitempty"`
	Method    string          `json:"method,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     json.RawMessage `json:"error,omitempty"`
}

var listens = regexp.MustCompile(`ws://\S+`)

func startChromium(t *testing.T, program string) *chromium {
	t.Helper()
	cmd := exec.Command(program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--lang=zh-CN",
		"--remote-debugging-port=0", "--user-data-dir="+t.TempDir(), "about:blank")
	stderr, err := cmd.StderrPipe()
	must(t, err)
	must(t, cmd.Start())
	c := &chromium{}
	t.Cleanup(func() { // its helpers write into the folder as long as it lives
		if c.conn == nil || c.conn.Write(context.Background(), websocket.MessageText, []byte(`{"id":1,"method":"Browser.close"}`)) != nil {
			_ = cmd.Process.Kill()
		}
		_ = cmd.Wait()
	})
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if url := listens.FindString(lines.Text()); url != "" {
			c.conn, _, err = websocket.Dial(t.Context(), url, nil)
			must(t, err)
			c.conn.SetReadLimit(16 << 20)
			return c
		}
	}
	t.Fatalf("%s ended without a word", program)
	return nil
}

// page is a tab of the browser with cookies of its own.
type page struct {
	*chromium
	t          *testing.T
	session    string
	complaints []string // of the browser's console
}

func (c *chromium) open(t *testing.T, url string) *page {
	t.Helper()
	p := &page{chromium: c, t: t}
	var to struct{ BrowserContextID, TargetID, SessionID string }
	p.tell("Target.createBrowserContext", map[string]any{}, &to)
	p.tell("Target.createTarget", map[string]any{"url": "about:blank", "browserContextId": to.BrowserContextID}, &to)
	p.tell("Target.attachToTarget", map[string]any{"targetId": to.TargetID, "flatten": true}, &to)
	p.session = to.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		p.tell(domain+".enable", map[string]any{}, nil)
	}
	p.tell("Page.navigate", map[string]any{"url": url}, nil)
	p.until(`() => document.getElementById('password')`)
	p.complaints = nil // that nobody was logged in yet
	t.Cleanup(func() {
		if len(p.complaints) > 0 {
			t.Errorf("the browser complains: %s", strings.Join(p.complaints, "\n"))
		}
	})
	return p
}

// tell asks the browser for something and waits for its answer.
func (p *page) tell(method string, params map[string]any, into any) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), time.Minute)
	defer cancel()
	p.last++
	raw, err := json.Marshal(params)
	must(p.t, err)
	text, err := json.Marshal(message{ID: p.last, Method: method, SessionID: p.session, Params: raw})
	must(p.t, err)
	must(p.t, p.conn.Write(ctx, websocket.MessageText, text))
	for {
		_, text, err := p.conn.Read(ctx)
		must(p.t, err)
		var m message
		must(p.t, json.Unmarshal(text, &m))
		switch {
		case m.ID == p.last && m.Error != nil:
			p.t.Fatalf("%s: %s", method, m.Error)
		case m.ID == p.last && into != nil:
			must(p.t, json.Unmarshal(m.Result, into))
			return
		case m.ID == p.last:
			return
		case m.SessionID == p.session && (m.Method == "Runtime.exceptionThrown" || m.Method == "Log.entryAdded"):
			p.complaints = append(p.complaints, string(m.Params))
		}
	}
}

// run runs a function in the page.
func (p *page) run(function string, into any) {
	p.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	p.tell("Runtime.evaluate", map[string]any{"expression": "(" + function + ")()", "awaitPromise": true, "returnByValue": true}, &r)
	if r.ExceptionDetails != nil {
		p.t.Fatalf("%s: %s", function, r.ExceptionDetails)
	}
	if into != nil {
		must(p.t, json.Unmarshal(r.Result.Value, into))
	}
}

// until waits in the page until something holds there.
func (p *page) until(holds string) {
	p.t.Helper()
	var held bool
	p.run(fmt.Sprintf(`() => new Promise((done) => {
		const end = Date.now() + 30000, holds = %s;
		const look = () => { if (holds()) done(true); else if (Date.now() > end) done(false); else setTimeout(look, 20); };
		look();
	})`, holds), &held)
	if !held {
		var at string
		p.run(`() => location.hash + ' ' + document.activeElement.outerHTML.slice(0, 200) + ' ' + document.querySelector('main').innerText.slice(0, 500)`, &at)
		p.t.Fatalf("never: %s\nat %s", holds, at)
	}
}

func (p *page) logIn(account string) {
	p.t.Helper()
	p.run(fmt.Sprintf(`() => {
		document.getElementById('account').value = %q;
		document.getElementById('password').value = %q;
		document.getElementById('login').requestSubmit();
	}`, account, password), nil)
	p.until(`() => document.querySelector('#tabs a') && document.getElementById('main').dataset.at !== undefined`)
}

// show goes to a page and looks what is wrong with it at a width.
func (p *page) show(hash string, width int) {
	p.t.Helper()
	p.wide(width)
	p.run(fmt.Sprintf(`() => { document.getElementById('main').dataset.at = ''; location.hash = '#'; location.hash = %q; }`, hash), nil)
	p.until(fmt.Sprintf(`() => document.getElementById('main').dataset.at === %q`, hash))
	look, err := os.ReadFile("testdata/look.js")
	must(p.t, err)
	var wrong []string
	p.run(string(look[strings.Index(string(look), "() =>"):]), &wrong)
	for _, w := range wrong {
		p.t.Errorf("%s, %d pixels: %s", hash, width, w)
	}
	p.picture(fmt.Sprintf("%s %s %d", p.t.Name(), hash, width))
}

const control = 2 // of the protocol's bits for keys held down

func (p *page) press(key string) { p.t.Helper(); p.pressWith(key, 0) }

func (p *page) pressWith(key string, held int) {
	p.t.Helper()
	codes := map[string]int{"Enter": 13, "Tab": 9, ".": 190, "/": 191}
	code, named := codes[key]
	text := key
	switch {
	case !named:
		code = int(strings.ToUpper(key)[0])
	case key == "Enter" && held == 0:
		text = "\r"
	case key != ".":
		text = ""
	}
	down := map[string]any{"type": "keyDown", "key": key, "windowsVirtualKeyCode": code, "modifiers": held}
	if text != "" {
		down["text"] = text
	}
	p.tell("Input.dispatchKeyEvent", down, nil)
	p.tell("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "windowsVirtualKeyCode": code, "modifiers": held}, nil)
}

// write types words into what has the focus; in a choice, they choose.
func (p *page) write(words string) {
	p.t.Helper()
	p.run(fmt.Sprintf(`() => {
		const at = document.activeElement, option = [...(at.options ?? [])].find((o) => o.text === %[1]q);
		at.value = option ? option.value : %[1]q;
		at.dispatchEvent(new Event('input', { bubbles: true }));
		at.dispatchEvent(new Event('change', { bubbles: true }));
	}`, words), nil)
}
