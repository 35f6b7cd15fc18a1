package sms

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxWaitingParts bounds the parts that wait for others; above it the oldest text is
// handled as it is, so that nobody fills the inbox with halves.
const maxWaitingParts = 1000

// stack is the parts of one long text.
type stack struct {
	Concat
	parts []Inbound // in order of arrival, no two with the same place
}

// stackKey tells long texts apart.
type stackKey struct {
	link, from, to string
	ref            uint16
	total          int
}

// IsPart reports whether a text is one segment of a longer one, which waits to be joined.
func (in Inbound) IsPart() bool {
	_, ok := partOf(in.Key)
	return ok
}

// join makes whole what is complete or has waited too long, and reports whether there
// was any. parts are in order of arrival.
func (g *Gateway) join(ctx context.Context, parts []Inbound) (joined bool) {
	now, waiting := g.clock.Now(), len(parts)
	for _, s := range stackUp(parts) {
		old := now.Sub(s.parts[0].ReceivedAt) >= g.cfg.Policy.JoinFor
		if len(s.parts) < s.Total && !old && waiting <= maxWaitingParts {
			continue
		}
		if err := g.joinOne(ctx, s); err != nil {
			g.cfg.Log.ErrorContext(ctx, "long text not joined yet", "from", Mask(s.parts[0].From), "err", err)
			continue
		}
		waiting -= len(s.parts)
		joined = true
	}
	return joined
}

// stackUp sorts parts into texts. A part whose place is taken starts another text:
// handsets count references in one octet and come round.
func stackUp(parts []Inbound) []*stack {
	var all []*stack
	open := map[stackKey][]*stack{}
	for _, in := range parts {
		c, ok := partOf(in.Key)
		if !ok {
			continue
		}
		key := stackKey{in.Link, in.From, in.To, c.Ref, c.Total}
		i := slices.IndexFunc(open[key], func(s *stack) bool { return !s.has(c.Seq) })
		if i < 0 {
			s := &stack{Concat: c}
			open[key], all = append(open[key], s), append(all, s)
			i = len(open[key]) - 1
		}
		s := open[key][i]
		s.parts = append(s.parts, in)
	}
	return all
}

func (s *stack) has(seq int) bool { return s.at(seq) != nil }

// at is the part in a place, or nil.
func (s *stack) at(seq int) *Inbound {
	for i := range s.parts {
		if c, ok := partOf(s.parts[i].Key); ok && c.Seq == seq {
			return &s.parts[i]
		}
	}
	return nil
}

// joinOne stores the whole text first and only then marks its parts, so that a crash
// between the two leaves parts that lead to the same whole again.
func (g *Gateway) joinOne(ctx context.Context, s *stack) error {
	ctx, cancel := g.budget(ctx)
	defer cancel()
	whole := s.whole()
	g.block(whole, false)
	fresh, err := g.cfg.Inbox.Receive(ctx, whole)
	if err != nil || !fresh {
		g.unblock(whole.ID)
	} else {
		g.block(whole, true)
	}
	if err != nil {
		return fmt.Errorf("store joined text: %w", err)
	}
	for _, in := range s.parts {
		if err := g.cfg.Inbox.Handled(ctx, in.ID, asPart); err != nil {
			return fmt.Errorf("mark part: %w", err)
		}
		g.unblock(in.ID)
	}
	g.count(func(st *Stats) {
		if len(s.parts) == s.Total {
			st.Joined++
		} else {
			st.Incomplete++
		}
	})
	return nil
}

// whole is the text of all parts. Missing ones are named in it, for the person who
// will read it.
func (s *stack) whole() Inbound {
	in := s.parts[0]
	in.ID, in.Key = newID(in.ReceivedAt), "long:"+in.Key
	var text strings.Builder
	var missing []string
	for seq := 1; seq <= s.Total; seq++ {
		p := s.at(seq)
		if p == nil {
			missing = append(missing, strconv.Itoa(seq))
			continue
		}
		text.WriteString(p.Text)
		if p.EventAt.Before(in.EventAt) {
			in.EventAt = p.EventAt
		}
	}
	if len(missing) > 0 {
		fmt.Fprintf(&text, "(长短信共%d段,缺第%s段)", s.Total, strings.Join(missing, "、"))
	}
	in.Text = text.String()
	return in
}
