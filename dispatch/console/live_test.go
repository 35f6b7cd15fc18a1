package console_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
)

// listen opens the event stream and hands over its lines.
func listen(t *testing.T, c *client) <-chan string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", c.base+"/api/v1/events", nil)
	must(t, err)
	res, err := c.http.Do(req)
	must(t, err)
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("event stream: %s, %s", res.Status, res.Header.Get("Content-Type"))
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		defer res.Body.Close()
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines
}

// line waits for the next line that begins so; "" is the end of the stream.
func line(t *testing.T, lines <-chan string, begin string) string {
	t.Helper()
	for {
		select {
		case l, open := <-lines:
			if !open || strings.HasPrefix(l, begin) {
				return l
			}
		case <-t.Context().Done():
			t.Fatalf("no line %q", begin)
		}
	}
}

// TestEventsArrive: a change reaches the pages, without its content.
func TestEventsArrive(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	lines := listen(t, c)
	line(t, lines, ": connected")
	o, err := b.office.Open(t.Context(), dispatch.Intake{Channel: dispatch.ByPhone, Type: dispatch.Help, Phone: citizen, Summary: "路灯坏了"})
	must(t, err)
	if got := line(t, lines, "event:"); got != "event: order" {
		t.Errorf("heard %q", got)
	}
	data := line(t, lines, "data:")
	if !strings.Contains(data, o.Number) || strings.Contains(data, citizen) || strings.Contains(data, "路灯") {
		t.Errorf("heard %q", data)
	}
	b.beat <- time.Time{}
	line(t, lines, ": ")
}

// TestStreamEndsWithTheSession: who logged out hears nothing more.
func TestStreamEndsWithTheSession(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	lines := listen(t, c)
	line(t, lines, ": connected")
	c.post("/logout", map[string]any{}).want(t, 204)
	b.beat <- time.Time{}
	if got := line(t, lines, "event:"); got != "" {
		t.Errorf("after logging out: %q", got)
	}
}

// TestCloseEndsStreams: a server can shut down while pages listen.
func TestCloseEndsStreams(t *testing.T) {
	b := newBench(t)
	lines := listen(t, b.browser())
	line(t, lines, ": connected")
	b.self.Close()
	if got := line(t, lines, "event:"); got != "" {
		t.Errorf("after closing: %q", got)
	}
}
