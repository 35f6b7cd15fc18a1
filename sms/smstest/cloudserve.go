package smstest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// note keeps the connections, to be dropped.
func (c *Cloud) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.conns[conn] = struct{}{}
	case http.StateClosed, http.StateHijacked:
		delete(c.conns, conn)
	}
}

// serve reads one request. A silent carrier reads, and says nothing.
func (c *Cloud) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxFrame))
	if err != nil {
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	switch k := c.Knobs(); {
	case k.Outage > 0:
		panic(http.ErrAbortHandler)
	case k.Silent:
		c.hang(r)
	}
	if r.Method == http.MethodGet {
		c.knows() // it has no secret to show, but somebody is there
		w.WriteHeader(http.StatusOK)
		return
	}
	c.style.serve(c, cloudRequest{r, body, w})
}

// hang waits until the other side has had enough.
func (c *Cloud) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-c.running.Done():
	}
	panic(http.ErrAbortHandler) // closes the connection without an answer
}

// knows notes that there is a hotline.
func (c *Cloud) knows() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = true
}

// fresh reports that a nonce is new, and remembers it.
func (c *Cloud) fresh(nonce string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	used := c.nonces[nonce]
	c.nonces[nonce] = true
	return !used && nonce != ""
}

// timely reports that a request was signed about now.
func (c *Cloud) timely(at time.Time) bool {
	return c.c.opt.AnyTime || c.c.opt.Clock.Now().Sub(at).Abs() <= 5*time.Minute
}

// take takes or refuses one text as the knobs say; answer is the style's.
func (c *Cloud) take(r cloudRequest, s cloudSubmit, answer func(sub Submit, status uint32)) {
	c.knows()
	k, status := c.c.verdict()
	if status != 0 {
		answer(Submit{}, status)
		return
	}
	sub := c.submit(s)
	report := func(after time.Duration) {
		if !k.ManualReceipt {
			c.c.after(c.running, after, func() { _ = c.SendReceipt(sub.ID, k.state()) })
		}
	}
	c.c.tell(sub)
	if k.DropAnswers > 0 {
		report(k.ReceiptAfter)
		c.hang(r.Request)
	}
	if k.ReceiptFirst {
		report(0)
		k.Latency = max(k.Latency, 50*time.Millisecond)
	}
	if k.Latency > 0 {
		c.pause(k.Latency, nil)
	}
	if k.Poison > 0 {
		c.Inject([]byte(`[{"poison":"` + strings.Repeat("\u0000", k.Poison) + `"}]`))
	}
	answer(sub, 0)
	_ = http.NewResponseController(r.w).Flush()
	if !k.ReceiptFirst {
		report(k.ReceiptAfter)
	}
}

// say answers with JSON.
func say(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// clockTime is how clouds write the time.
func clockTime(at time.Time) string {
	return at.In(time.FixedZone("CST", 8*60*60)).Format("2006-01-02 15:04:05")
}

// cloudProtocol is a protocol without sessions, and so without what makes one.
type cloudProtocol struct{}

func (cloudProtocol) throttled() uint32 { return cloudBusy }

func (cloudProtocol) read(io.Reader) (func(context.Context, *session) bool, error) {
	return nil, io.EOF
}
func (cloudProtocol) comesAgain(uint32) bool { return true }
func (cloudProtocol) deliver(segment) packet { return nil }
func (cloudProtocol) receipt(receipt) packet { return nil }
func (cloudProtocol) poison(int) packet      { return nil }
func (cloudProtocol) leave() packet          { return nil }

// number reads a number a client wrote, as text or as a number.
func number(v any) int {
	n, _ := strconv.Atoi(fmt.Sprint(v))
	return n
}
