package dispatch_test

import (
	"context"
	"fmt"
	"testing"

	"hotline/dispatch"
)

func TestFeedTellsOfCommittedChanges(t *testing.T) {
	h := newHall(t, "zz", t.TempDir()+"/h.db")
	ctx, cancel := context.WithCancel(t.Context())
	ch := h.Subscribe(ctx)
	o := h.open(nil)
	if n := <-ch; n.Kind != dispatch.NoticeOrder || n.ID != o.Number {
		t.Errorf("notice %+v", n)
	}
	if err := h.Note(h.ctx(), "ZZ20261120-99999-1", "x", "y"); err == nil {
		t.Error("a note on no order")
	}
	h.Announce(dispatch.NoticeCall, "c1")
	if n := <-ch; n.Kind != dispatch.NoticeCall {
		t.Errorf("what failed was told: %+v", n)
	}
	cancel()
	for range ch { // ends because it is closed
	}
	h.Announce(dispatch.NoticeCall, "c2") // and nobody listens any more
}

// TestFeedNeverWaits fills a subscriber that does not read: it gets one resync and,
// when it has read that, news again.
func TestFeedNeverWaits(t *testing.T) {
	h := newHall(t, "zz", t.TempDir()+"/h.db")
	slow, quick := h.Subscribe(t.Context()), h.Subscribe(t.Context())
	for n := range 1000 {
		h.Announce(dispatch.NoticeCall, fmt.Sprint(n))
		if got := <-quick; got.ID != fmt.Sprint(n) {
			t.Fatalf("the quick one got %+v", got)
		}
	}
	resyncs := 0
	for len(slow) > 0 {
		if n := <-slow; n.Kind == dispatch.NoticeResync {
			resyncs++
		}
	}
	if resyncs != 1 {
		t.Errorf("%d resyncs", resyncs)
	}
	h.Announce(dispatch.NoticeCall, "after")
	if n := <-slow; n.ID != "after" {
		t.Errorf("after the resync: %+v", n)
	}
}
