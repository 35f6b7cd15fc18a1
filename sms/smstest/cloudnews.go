package smstest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// news is a receipt or a citizen's text.
type news struct {
	receipt
	text *cloudText // nil: it is a receipt
	done chan error // buffered; what became of it
}

// cloudText is a text from a handset.
type cloudText struct {
	id             uint64
	from, to, text string
	at             time.Time
}

// Deliver calls back with a handset's text and returns when the hotline has acknowledged
// or pulled it; it stays queued when ctx ends first. It returns [ErrRefused] when the
// hotline does not want it.
func (c *Cloud) Deliver(ctx context.Context, from, to, text string) error {
	k := c.Knobs()
	to = to[:len(to)-min(len(to), k.StripExt)]
	t := &cloudText{from: from, to: to, text: text, at: c.c.opt.Clock.Now().Add(k.Skew)}
	c.c.mu.Lock()
	c.c.lastID++
	t.id = c.c.lastID
	c.c.mu.Unlock()
	n := c.tell(&news{text: t})
	select {
	case err := <-n.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("carrier: delivering: %w", context.Cause(ctx))
	}
}

// SendReceipt queues a receipt for a text by its id; state is DELIVRD if empty.
func (c *Cloud) SendReceipt(id, state string) error {
	c.mu.Lock()
	sub, ok := c.byID[id]
	c.mu.Unlock()
	if !ok {
		return fmt.Errorf("carrier: no text with id %s", id)
	}
	if state == "" {
		state = "DELIVRD"
	}
	skew := c.Knobs().Skew
	sub.At = sub.At.Add(skew)
	c.tell(&news{receipt: receipt{id: id, state: state, sub: sub, done: c.c.opt.Clock.Now().Add(skew)}})
	return nil
}

// mostNews is how much is kept to be pulled.
const mostNews = 10_000

// ext is the extension a text was sent to, if it was to our number.
func (t *cloudText) ext() string {
	ext, ours := strings.CutPrefix(t.to, cloudNumber)
	if !ours {
		return ""
	}
	return ext
}

// tell queues a thing for the callbacks and keeps it for pulls.
func (c *Cloud) tell(n *news) *news {
	n.done = make(chan error, 4)
	twice := c.Knobs().Twice
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue = append(c.queue, n)
	if twice {
		c.queue = append(c.queue, n)
	}
	if c.news = append(c.news, n); len(c.news) > mostNews {
		c.news = c.news[1:]
	}
	if n.text == nil {
		c.states[n.receipt.id] = n
	}
	nudge(c.more)
	return n
}

func nudge(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// pulled takes what is kept of one kind, at most so many.
func (c *Cloud) pulled(texts bool, limit int) (out []*news) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var rest []*news
	for _, n := range c.news {
		if n.text != nil != texts || len(out) == limit {
			rest = append(rest, n)
			continue
		}
		out = append(out, n)
		if c.callback == "" {
			n.tell(nil)
		}
	}
	c.news = rest
	return out
}

// push calls back, in order, one at a time.
func (c *Cloud) push() {
	for c.running.Err() == nil {
		c.mu.Lock()
		var n *news
		if k := c.Knobs(); len(c.queue) > 0 && c.callback != "" && !k.Silent && k.Outage == 0 {
			n, c.queue = c.queue[0], c.queue[1:]
		}
		c.mu.Unlock()
		if n != nil {
			err := c.offer(n)
			n.tell(err)
			if n.text == nil {
				c.c.toldWord(Word{n.sub.ID, n.sub.To, n.state, err})
			}
			continue
		}
		c.pause(50*time.Millisecond, c.more)
	}
}

// tell gives what became of it to whoever waits.
func (n *news) tell(err error) {
	select {
	case n.done <- err:
	default:
	}
}

// offer calls back until the hotline takes it, at most three times.
func (c *Cloud) offer(n *news) error {
	kind, body := c.style.callback(n)
	var err error
	for range maxTries {
		c.mu.Lock()
		to := c.callback
		c.mu.Unlock()
		status := 0
		if status, err = c.post(to+kind, body); err == nil && status == http.StatusOK {
			return nil
		}
		if err == nil {
			err = fmt.Errorf("%w: HTTP %d", ErrRefused, status)
		}
		c.pause(cmp.Or(c.Knobs().RetryAfter, time.Minute), nil)
		if c.running.Err() != nil {
			return fmt.Errorf("carrier: %w", context.Cause(c.running))
		}
	}
	return errors.Join(ErrRefused, err)
}

// pause waits, unless the cloud closes or somebody nudges.
func (c *Cloud) pause(d time.Duration, nudged <-chan struct{}) {
	over := make(chan struct{})
	defer c.c.opt.Clock.AfterFunc(d, func() { close(over) })()
	select {
	case <-over:
	case <-nudged:
	case <-c.running.Done():
	}
}

// post calls back once.
func (c *Cloud) post(url string, body []byte) (status int, err error) {
	ctx, cancel := context.WithTimeout(c.running, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("carrier: %w", err)
	}
	if len(body) > 0 && (body[0] == '[' || body[0] == '{') {
		req.Header.Set("Content-Type", "application/json")
	} else {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, fmt.Errorf("carrier: calling back: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, nil
}
