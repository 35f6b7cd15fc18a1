package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// hub hands events to everybody who watches. A watcher that does not keep up is cut
// off; its browser comes back and asks for everything anew, which is cheaper than a
// carrier that waits for browsers.
type hub struct {
	mu       sync.Mutex
	watchers map[chan []byte]struct{}
}

// behind is how many events a watcher may be late.
const behind = 256

func newHub() *hub { return &hub{watchers: map[chan []byte]struct{}{}} }

// publish sends an event; data must be something JSON can write.
func (h *hub) publish(event string, data any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.watchers) == 0 {
		return
	}
	body, err := json.Marshal(data)
	if err != nil {
		return // only types of this package come here, and they all can be written
	}
	line := fmt.Appendf(nil, "event: %s\ndata: %s\n\n", event, body)
	for w := range h.watchers {
		select {
		case w <- line:
		default:
			close(w)
			delete(h.watchers, w)
		}
	}
}

func (h *hub) join() chan []byte {
	w := make(chan []byte, behind)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watchers[w] = struct{}{}
	return w
}

func (h *hub) leave(w chan []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.watchers, w)
}

// stillHere keeps proxies and browsers from giving up on a quiet stream.
const stillHere = 20 * time.Second

// ServeHTTP streams events as they happen (text/event-stream).
func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	events := h.join()
	defer h.leave(events)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	beat := time.NewTicker(stillHere)
	defer beat.Stop()
	for line, ok := []byte(": hello\n\n"), true; ok; {
		if _, err := w.Write(line); err != nil {
			return
		}
		if err := out.Flush(); err != nil {
			return
		}
		select {
		case line, ok = <-events:
		case <-beat.C:
			line = []byte(": still here\n\n")
		case <-r.Context().Done():
			return
		}
	}
}
