package console

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"hotline/dispatch"
)

// How much of the audit those without a session may fill.
const (
	strangerRest  = 10 * time.Minute // one entry of an address within it
	strangersMost = 100              // addresses that are told apart within it
)

// strangers are those who are refused without a session. Anybody can ask a thousand times a
// second, and the audit must tell it without growing by it: the first refusal of an address is
// an entry, those that follow within a while are counted and told by the next entry. It is safe
// for concurrent use.
type strangers struct {
	mu     sync.Mutex
	since  map[string]time.Time // by address, of its entry; "" is all that came when there were many
	untold int                  // refusals since the last entry
}

// note takes in a refusal and says whether it is to be an entry, of how many untold ones.
func (s *strangers) note(address string, now time.Time) (untold int, entry bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for a, since := range s.since {
		if now.Sub(since) >= strangerRest {
			delete(s.since, a)
		}
	}
	if _, known := s.since[address]; !known && len(s.since) >= strangersMost {
		address = ""
	}
	if _, known := s.since[address]; known {
		s.untold++
		return 0, false
	}
	if s.since == nil {
		s.since = map[string]time.Time{}
	}
	s.since[address] = now
	untold, s.untold = s.untold, 0
	return untold, true
}

// turnedAway audits a refusal of somebody who is not logged in.
func (c *Console) turnedAway(r request, p problem) {
	address := from(r.Request)
	untold, entry := c.strangers.note(address, c.cfg.Now())
	if !entry {
		return
	}
	text := p.Detail + "；来自" + address
	if untold > 0 {
		text += fmt.Sprintf("；此前另有 %d 次未逐一记录", untold)
	}
	c.audit(r, dispatch.Audit{Actor: "guest", Act: dispatch.ActRefused, Subject: r.Pattern, Text: text})
}

// from is the address of the connection: headers that claim another one are anybody's to write.
func from(r *http.Request) string {
	if address, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return address
	}
	return r.RemoteAddr
}
