package sms

// maxRecent bounds the texts remembered for their receipts: some ten megabytes.
const maxRecent = 16_384

// recent are the texts sent last, by link and carrier's id, so that the receipt of one,
// which mostly comes within seconds, need not look for it in the store. What is not here,
// or was sent by another process, is found there.
type recent struct {
	texts map[string]Message
	ring  []string // the keys in the order they came
	next  int      // place of the oldest once the ring is full
}

func newRecent() recent { return recent{texts: map[string]Message{}} }

// add remembers a text under one of its carrier's ids; one that the carrier gives again
// means the later text.
func (r *recent) add(key string, m Message) {
	if _, known := r.texts[key]; !known {
		if len(r.ring) < maxRecent {
			r.ring = append(r.ring, key)
		} else {
			delete(r.texts, r.ring[r.next])
			r.ring[r.next] = key
			r.next = (r.next + 1) % maxRecent
		}
	}
	r.texts[key] = m
}

// remember notes under which ids a text was sent; it is stored as sent.
func (g *Gateway) remember(m Message, c Change) {
	if c.Status != Sent {
		return
	}
	m.Status, m.Link, m.CarrierIDs, m.Segments, m.SentAt = Sent, c.Link, c.CarrierIDs, c.Segments, c.At
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, id := range c.CarrierIDs {
		g.recent.add(c.Link+"|"+id, m)
	}
}

// recalled is the text of a receipt, if it was sent of late by this process.
func (g *Gateway) recalled(link, carrierID string) (Message, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	m, ok := g.recent.texts[link+"|"+carrierID]
	return m, ok
}
