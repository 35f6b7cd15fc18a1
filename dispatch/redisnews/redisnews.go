// Package redisnews tells the controllers of one hotline, over one channel of Redis, what
// their offices changed, so that whoever looks at a page of one hears of what the others do.
//
// A message is a few notices, which are kinds and ids, and a word of the process that sends
// it, by which that one knows its own again. What is published while Redis, or somebody's
// way to it, is away is lost: whoever listens again after a break, and whoever could not
// send, has everybody load what they show again (dispatch.NoticeResync).
package redisnews

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/dispatch"
)

// Bounds of messages and of waiting for Redis.
const (
	mostNotices = 64
	longestID   = 64
	patience    = 500 * time.Millisecond // one message
	retry       = time.Second            // after one that failed
)

// Office is whose changes are told, and who hears of the others': a dispatch.Office.
type Office interface {
	Changes(ctx context.Context) <-chan dispatch.Notice
	Hear(n dispatch.Notice)
}

// News is one controller's ear and mouth.
type News struct {
	client  redis.UniversalClient
	channel string
	self    string
	log     *slog.Logger
}

// New makes the news of all controllers that use the same prefix. It does not connect.
func New(client redis.UniversalClient, prefix string, log *slog.Logger) *News {
	return &News{client: client, channel: prefix + ":news", self: rand.Text(), log: log}
}

// message is what goes over the channel.
type message struct {
	From string            `json:"from"`
	News []dispatch.Notice `json:"news"`
}

// Run tells the others of an office's changes, and the office of theirs, until ctx ends.
// While Redis is away nobody hears of anybody, and nothing waits for it.
func (n *News) Run(ctx context.Context, office Office) {
	var hearing sync.WaitGroup
	defer hearing.Wait()
	hearing.Go(func() { n.hear(ctx, office) })
	n.tell(ctx, office.Changes(ctx))
}

// tell sends what changed. After a message that failed it sends a resync instead of it, and
// of all that came since, as soon as it can.
func (n *News) tell(ctx context.Context, changes <-chan dispatch.Notice) {
	var again <-chan time.Time // set while something was not told
	for {
		var news []dispatch.Notice
		select {
		case c, open := <-changes:
			if !open {
				return
			}
			if news = waiting(c, changes); again != nil {
				continue
			}
		case <-again:
			news = []dispatch.Notice{{Kind: dispatch.NoticeResync}}
		}
		err := n.send(ctx, news)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && again == nil:
			n.log.Warn("the other controllers do not hear what changes", "err", err)
		case err == nil && again != nil:
			n.log.Info("the other controllers hear again what changes")
		}
		if again = nil; err != nil {
			again = time.After(retry)
		}
	}
}

// waiting is a change with those that stand behind it.
func waiting(c dispatch.Notice, changes <-chan dispatch.Notice) []dispatch.Notice {
	news := []dispatch.Notice{c}
	for len(news) < mostNotices {
		select {
		case c, open := <-changes:
			if !open {
				return news
			}
			news = append(news, c)
		default:
			return news
		}
	}
	return news
}

func (n *News) send(ctx context.Context, news []dispatch.Notice) error {
	body, err := json.Marshal(message{n.self, news})
	if err != nil {
		return fmt.Errorf("encode news: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := n.client.Publish(ctx, n.channel, body).Err(); err != nil {
		return fmt.Errorf("publish news: %w", err)
	}
	return nil
}

// hear passes on what the others tell, and a resync whenever it begins to listen: by the
// client's own pings a line that is cut is noticed within seconds.
func (n *News) hear(ctx context.Context, office Office) {
	sub := n.client.Subscribe(ctx, n.channel)
	defer sub.Close()
	heard := sub.ChannelWithSubscriptions()
	for {
		select {
		case <-ctx.Done():
			return
		case m, open := <-heard:
			if !open { // the client is closed
				return
			}
			switch m := m.(type) {
			case *redis.Subscription:
				office.Hear(dispatch.Notice{Kind: dispatch.NoticeResync})
			case *redis.Message:
				n.pass(m.Payload, office)
			}
		}
	}
}

// pass takes a message apart. What is no notice, or is one's own, is left out.
func (n *News) pass(body string, office Office) {
	var m message
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		n.log.Warn("news that nobody can read", "err", err)
		return
	}
	if m.From == n.self {
		return
	}
	for _, c := range m.News[:min(len(m.News), mostNotices)] {
		if slices.Contains(dispatch.NoticeKinds, c.Kind) && len(c.ID) <= longestID {
			office.Hear(c)
		}
	}
}
