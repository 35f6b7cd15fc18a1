package dispatch

import (
	"context"
	"sync"
	"time"
)

// The kinds of notices, by what changed.
const (
	NoticeOrder     = "order"
	NoticeCall      = "call"
	NoticeVoicemail = "voicemail"
	NoticeText      = "text"
	NoticeSurvey    = "survey"
	NoticeCallback  = "callback"
	NoticeReview    = "review"
	NoticeRed       = "red"
	NoticeResync    = "resync" // some notices were left out: load everything shown again
)

// NoticeKinds are all of them.
var NoticeKinds = []string{NoticeOrder, NoticeCall, NoticeVoicemail, NoticeText, NoticeSurvey, NoticeCallback, NoticeReview, NoticeRed, NoticeResync}

// Notice tells live pages that something changed. It carries no content, so that
// whoever gets it reads with the rights they have.
type Notice struct {
	Kind string    `json:"kind"`
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
}

// feedDepth is how far a subscriber may lag behind before notices are left out.
const feedDepth = 64

// feed spreads notices to subscribers and never waits for one.
type feed struct {
	mu   sync.Mutex
	subs map[chan Notice]subscriber
}

// subscriber is how one stands.
type subscriber struct {
	ours   bool // it is told of this office's changes alone
	resync bool // a resync stands in its channel
}

// Subscribe gives the changes made through this office, and those of other controllers'
// that it hears of, until ctx ends; then the channel is closed. A subscriber that lags
// behind gets NoticeResync in place of what it missed.
func (o *Office) Subscribe(ctx context.Context) <-chan Notice {
	return o.feed.subscribe(ctx, subscriber{})
}

// Changes is Subscribe without what was heard of others, for whoever tells them.
func (o *Office) Changes(ctx context.Context) <-chan Notice {
	return o.feed.subscribe(ctx, subscriber{ours: true})
}

// Announce tells subscribers of a change that another part made, such as a text that
// moved on in the outbox.
func (o *Office) Announce(kind, id string) {
	o.feed.publish(Notice{Kind: kind, ID: id, At: o.now().UTC()}, true)
}

// Hear tells subscribers of a change that another controller made.
func (o *Office) Hear(n Notice) { o.feed.publish(n, false) }

func (f *feed) subscribe(ctx context.Context, s subscriber) <-chan Notice {
	ch := make(chan Notice, feedDepth)
	f.add(ch, s)
	context.AfterFunc(ctx, func() { f.remove(ch) })
	return ch
}

func (f *feed) add(ch chan Notice, s subscriber) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.subs == nil {
		f.subs = map[chan Notice]subscriber{}
	}
	f.subs[ch] = s
}

func (f *feed) remove(ch chan Notice) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.subs, ch)
	close(ch)
}

// publish is the only sender, and holds the lock, so a channel's length can only
// shrink meanwhile: a send that fits does not block. While a resync waits in the
// channel nothing more needs saying; when the channel is empty it has been taken.
func (f *feed) publish(n Notice, ours bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for ch, s := range f.subs {
		switch {
		case s.ours && !ours, s.resync && len(ch) > 0:
		case len(ch) < cap(ch)-1:
			f.subs[ch] = subscriber{ours: s.ours}
			ch <- n
		default:
			f.subs[ch] = subscriber{ours: s.ours, resync: true}
			ch <- Notice{Kind: NoticeResync, At: n.At}
		}
	}
}
