package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
)

// What a controller that died leaves is not only calls, which the switch finds, but
// also records without an end and messages that nobody registered.
const (
	// takeoverEvery is how often it is looked whether a conversation left to go on is over.
	takeoverEvery = 2 * time.Second
	// messageFolder is where callers' messages are, below the recordings.
	messageFolder = "voicemail"
)

// unended lists the records of calls that were going on when the program died.
func (a *app) unended(ctx context.Context) cutShort {
	if err := a.spool.Offer(ctx); err != nil { // some of the records may wait on disk
		a.log.Warn("kept things still wait", "err", err)
	}
	cut := cutShort{}
	calls, err := a.store.Calls(ctx, dispatch.Filter{Open: true, Limit: 1000})
	if err != nil {
		a.log.Warn("records left open not found", "err", err)
	}
	for _, c := range calls {
		cut[c.Channel] = c
	}
	return cut
}

// endRecords ends the records of calls that were cut short, once they are over: a
// conversation may have gone on without us, a caller who was alone has a new record.
func (a *app) endRecords(ctx context.Context) error {
	left := maps.Clone(a.cut)
	select {
	case <-a.tower.Ready():
	case <-ctx.Done():
		return nil
	}
	for {
		for channel, c := range left {
			if !a.goesOn(c) {
				a.endRecord(ctx, c)
				delete(left, channel)
			}
		}
		if len(left) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(takeoverEvery): // as Asterisk's calls do, by the machine's clock
		}
	}
}

// goesOn says whether the conversation of a record is still being held, or may be: what
// is going on in an Asterisk that is away is not known.
func (a *app) goesOn(c dispatch.Call) bool {
	for _, live := range a.runner.Live() {
		if live.Channel == c.Channel {
			return false
		}
	}
	for _, sw := range a.tower.List() {
		if !here(sw) {
			return true
		}
	}
	for _, call := range a.tower.Calls() {
		if call.ID == c.Channel {
			return true
		}
	}
	return false
}

// endRecord writes the end as far as it is known.
func (a *app) endRecord(ctx context.Context, c dispatch.Call) {
	c.EndedAt = a.clock.Now()
	if c.EndedAt.Before(c.StartedAt) {
		c.EndedAt = c.StartedAt
	}
	c.Hangup = "controller restarted"
	a.saveMessages(ctx, &c)
	c.Steps = append(c.Steps, dispatch.Step{At: c.EndedAt, What: "restart", Text: "控制程序中断过,结束时刻为重启后所见"})
	if err := a.spool.RecordCall(ctx, c); err != nil {
		a.log.Warn("record not ended", "call", c.ID, "err", err)
		return
	}
	a.log.Info("record of a call cut short ended", "call", c.ID, "outcome", c.Outcome)
}

// cutShort are the calls that were going on when the program died, by channel.
type cutShort map[string]dispatch.Call

// resume takes a caller over whom a controller that died left alone. What they were
// recording is stopped: until then Asterisk would play nothing and connect nobody.
func (a *app) resume(ctx context.Context, c *asterisk.Call) {
	if before, ok := a.cut[c.ID()]; ok {
		for _, file := range a.messagesOf(before) {
			if err := a.tower.StopRecording(ctx, c.Switch(), strings.TrimSuffix(file, ".wav")); err != nil {
				a.log.Warn("recording of a call cut short not stopped", "call", before.ID, "err", err)
			}
		}
	}
	a.runner.Resume(ctx, c)
}

// messagesOf lists the recordings that a call made, below the folder of recordings.
func (a *app) messagesOf(c dispatch.Call) []string {
	found, err := filepath.Glob(filepath.Join(a.set.recordings(), messageFolder, "*", c.ID+"-*.wav"))
	if err != nil {
		a.log.Warn("messages not looked for", "call", c.ID, "err", err)
	}
	for i, path := range found {
		found[i] = strings.TrimPrefix(path, a.set.recordings()+string(filepath.Separator))
	}
	return found
}

// saveMessages makes orders of the messages that a caller was leaving when the program
// died. One that has its order is not made another: its file is its key (ZZ-20.2).
func (a *app) saveMessages(ctx context.Context, c *dispatch.Call) {
	for _, file := range a.messagesOf(*c) {
		length, speech, err := measure(filepath.Join(a.set.recordings(), file))
		if err != nil {
			a.log.Error("message of a call cut short not read", "call", c.ID, "file", file, "err", err)
			continue
		}
		if speech <= a.house.profile.Voicemail.Min {
			continue
		}
		o, err := a.spool.LeaveVoicemail(ctx, dispatch.Intake{
			Key: "voicemail:" + file, Phone: c.From, CallID: c.ID, Actor: "citizen", Type: c.Class,
			NotifyDuty: a.onDuty(), ReceiptText: true, At: c.StartedAt,
			Summary:   fmt.Sprintf("电话留言 %.0f 秒(系统中断)", length.Seconds()),
			Voicemail: &dispatch.Voicemail{File: file, Duration: length, Reason: "interrupted", At: c.StartedAt},
		})
		if err != nil {
			a.log.Error("message of a call cut short not registered", "call", c.ID, "err", err)
			continue
		}
		c.Order = o.Number
		if !c.Emergency {
			c.Outcome = "voicemail"
		}
	}
}
