package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"hotline/sms/smstest"
)

// text is one text as a handset shows it.
type text struct {
	ID     string `json:"id"`
	Number string `json:"number"` // the handset
	Peer   string `json:"peer"`   // the other number, with extension
	Out    bool   `json:"out"`    // sent from the handset
	Over   string `json:"over"`   // smpp, cmpp or http
	Text   string `json:"text"`
	At     string `json:"at"`
	State  string `json:"state,omitempty"` // of one sent: "sending", "taken", "refused" and why; of one that came: its receipt

	words map[string]string // of one that came: what was said of each segment, by id
}

// receipt is what the carrier has told the hotline of a text: DELIVRD, or "DELIVRD 1/3".
func (t text) receipt() string {
	said, state := 0, ""
	for _, w := range t.words {
		if w != "" {
			said++
			state = w
		}
	}
	if said == 0 || said == len(t.words) {
		return state
	}
	return fmt.Sprintf("%s %d/%d", state, said, len(t.words))
}

// handset is a phone on the page.
type handset struct {
	Number string `json:"number"`
	Name   string `json:"name"`
	Texts  int    `json:"texts"`
	Last   string `json:"last"` // when its last text came or went
}

// handsets are the phones of citizens and officers, safe for concurrent use.
type handsets struct {
	events *hub

	mu      sync.Mutex
	numbers []string
	texts   map[string][]text
	last    int
	early   map[string]string // receipts that went out before their text was whole
}

// mostEarly bounds them; a text may never become whole.
const mostEarly = 10_000

// keptTexts is how many texts a handset keeps.
const keptTexts = 500

// ownNames are handsets that are there before anything came in.
var ownNames = map[string]string{"13800000001": "市民甲", "13800000002": "市民乙", "13800000003": "市民丙"}

func newHandsets(events *hub) *handsets {
	return &handsets{
		events: events, texts: map[string][]text{}, early: map[string]string{},
		numbers: []string{"13800000001", "13800000002", "13800000003"},
	}
}

// receive takes a text from the hotline.
func (h *handsets) receive(over string, t smstest.Text) {
	got := text{Number: national(t.To), Peer: t.From, Over: over, Text: t.Text, At: stamp(t.At), words: map[string]string{}}
	h.mu.Lock()
	for _, id := range t.IDs {
		got.words[id] = h.early[over+id]
		delete(h.early, over+id)
	}
	h.mu.Unlock()
	got.State = got.receipt()
	h.add(got)
}

// word notes a receipt that the hotline was given.
func (h *handsets) word(over string, w smstest.Word) {
	state := w.State
	if w.Err != nil {
		state += " (" + w.Err.Error() + ")"
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, t := range h.texts[national(w.To)] {
		if _, ok := t.words[w.ID]; !ok || t.Over != over {
			continue
		}
		t.words[w.ID] = state
		t.State = t.receipt()
		h.texts[t.Number][i] = t
		h.events.publish("text", t)
		return
	}
	if len(h.early) < mostEarly {
		h.early[over+w.ID] = state
	}
}

// add files a text and tells the page; it returns it with its id.
func (h *handsets) add(t text) text {
	h.know(t.Number)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	t.ID = fmt.Sprint(h.last)
	all := append(h.texts[t.Number], t)
	h.texts[t.Number] = all[max(0, len(all)-keptTexts):]
	h.events.publish("text", t)
	return t
}

// know puts a number on the page.
func (h *handsets) know(number string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Contains(h.numbers, number) {
		h.numbers = append(h.numbers, number)
		h.events.publish("handsets", nil)
	}
}

// mark notes what became of a text that was sent.
func (h *handsets) mark(t text, state string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, have := range h.texts[t.Number] {
		if have.ID == t.ID {
			h.texts[t.Number][i].State = state
			h.events.publish("text", h.texts[t.Number][i])
		}
	}
}

func (h *handsets) list() []handset {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]handset, 0, len(h.numbers))
	for _, n := range h.numbers {
		s := handset{Number: n, Name: ownNames[n], Texts: len(h.texts[n])}
		if s.Texts > 0 {
			s.Last = h.texts[n][s.Texts-1].At
		}
		out = append(out, s)
	}
	return out
}

func (h *handsets) of(number string) []text {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]text{}, h.texts[number]...)
}

func (h *handsets) reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.texts)
	clear(h.early)
	h.events.publish("handsets", nil)
}

// reply is a text sent from a handset.
type reply struct {
	Text string `json:"text"`
	To   string `json:"to"` // empty answers the last text that came in
}

// longestText is more than any handset sends, and enough to test with.
const longestText = 2000

var errNobody = errors.New("to is empty and no text has come in to answer")

// send files a reply and hands it to a centre; what becomes of it shows on the text.
func (c *carrier) send(number string, r reply) (text, error) {
	if strings.TrimSpace(r.Text) == "" || utf8.RuneCountInString(r.Text) > longestText {
		return text{}, fmt.Errorf("a text has 1 to %d characters", longestText)
	}
	if r.To == "" {
		for _, t := range c.handsets.of(number) {
			if !t.Out {
				r.To = t.Peer
			}
		}
	}
	if r.To == "" {
		return text{}, errNobody
	}
	t := c.handsets.add(text{Number: number, Peer: r.To, Out: true, Over: c.way(number, r.To), Text: r.Text, At: c.record.at(), State: "sending"})
	c.start(func() { c.deliver(t) })
	return t, nil
}

// deliverTime is how long the page waits for the hotline to take a text; the centre
// keeps it beyond that.
const deliverTime = 30 * time.Second

func (c *carrier) deliver(t text) {
	ctx, cancel := context.WithTimeout(c.ctx, deliverTime)
	defer cancel()
	switch err := c.centre(t.Over).Deliver(ctx, t.Number, t.Peer, t.Text); {
	case err == nil:
		c.handsets.mark(t, "taken")
	case errors.Is(err, smstest.ErrRefused):
		c.handsets.mark(t, "refused: "+err.Error())
	default:
		c.handsets.mark(t, "waiting: "+err.Error())
	}
}
