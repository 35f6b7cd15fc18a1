package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
	"hotline/ivr"
)

// What a controller that died leaves is not only calls, which the switch finds, but
// also records without an end and messages that nobody registered.
const (
	// recordsEvery is how often records without an end are looked for.
	recordsEvery = 10 * time.Second
	// recordsAfter is how long a record's channel must have been gone: whoever has the call
	// may be writing its end.
	recordsAfter = 20 * time.Second
	// messageFolder is where callers' messages are, below the recordings.
	messageFolder = "voicemail"
)

// resume takes over a caller whose controller died. Of whom there is no note the record
// may still say who it was; what they were recording is then stopped: until that is done
// Asterisk would play nothing and connect nobody.
func (a *app) resume(ctx context.Context, c *asterisk.Call, note *asterisk.Note) {
	if note != nil {
		a.runner.Resume(ctx, c, ivr.Left{State: note.State, Step: note.Step, Endpoint: note.Endpoint})
		return
	}
	before := a.openRecord(ctx, c.ID())
	if before != nil {
		for _, file := range a.messagesOf(*before) {
			if err := a.tower.StopRecording(ctx, c.Switch(), strings.TrimSuffix(file, ".wav")); err != nil {
				a.log.Warn("recording of a call cut short not stopped", "call", before.ID, "err", err)
			}
		}
		a.saveMessages(ctx, before)
	}
	a.runner.Resume(ctx, c, ivr.Left{Record: before})
}

// openRecord is the record of a call on a channel, nil when there is none without an end.
func (a *app) openRecord(ctx context.Context, channel string) *dispatch.Call {
	ctx, cancel := context.WithTimeout(ctx, time.Second) // a caller waits
	defer cancel()
	for _, c := range a.openRecords(ctx) {
		if c.Channel == channel {
			return &c
		}
	}
	return nil
}

func (a *app) openRecords(ctx context.Context) []dispatch.Call {
	calls, err := a.store.Calls(ctx, dispatch.Filter{Open: true, Limit: 1000})
	if err != nil {
		a.log.Warn("records left open not found", "err", err)
	}
	return calls
}

// lost ends the record of a call that ended while nobody controlled it.
func (a *app) lost(ctx context.Context, note asterisk.Note) {
	a.log.Warn("a call ended while nobody controlled it", "channel", note.Channel)
	a.runner.Lost(note.State, func(c *dispatch.Call) { a.saveMessages(ctx, c) })
}

// endRecords ends records whose channel is gone from every Asterisk and that nobody ends:
// not even a note was left of the call.
func (a *app) endRecords(ctx context.Context) error {
	if err := a.spool.Offer(ctx); err != nil { // some of the ends may wait on disk
		a.log.Warn("kept things still wait", "err", err)
	}
	gone := map[string]time.Time{}
	for {
		a.endGone(ctx, gone)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(recordsEvery): // as Asterisk's calls do, by the machine's clock
		}
	}
}

// endGone looks once; gone says since when channels have been gone, by record.
func (a *app) endGone(ctx context.Context, gone map[string]time.Time) {
	open := a.openRecords(ctx)
	if len(open) == 0 {
		clear(gone)
		return
	}
	channels, err := a.tower.Channels(ctx)
	if err != nil {
		return // what goes on in an Asterisk that is away is not known
	}
	for _, c := range open {
		since, known := gone[c.ID]
		switch {
		case slices.Contains(channels, c.Channel):
			delete(gone, c.ID)
		case !known:
			gone[c.ID] = time.Now()
		case time.Since(since) >= recordsAfter:
			a.endRecord(ctx, c)
			delete(gone, c.ID)
		}
	}
}

// endRecord writes the end as far as it is known.
func (a *app) endRecord(ctx context.Context, c dispatch.Call) {
	c.EndedAt = a.clock.Now()
	if c.EndedAt.Before(c.StartedAt) {
		c.EndedAt = c.StartedAt
	}
	c.Hangup = "controller restarted"
	c.Fence = max(c.Fence+1, a.crew.Token())
	a.saveMessages(ctx, &c)
	c.Steps = append(c.Steps, dispatch.Step{At: c.EndedAt, What: "restart", Text: "控制程序中断过,结束时刻为重启后所见"})
	if err := a.spool.RecordCall(ctx, c); err != nil {
		a.log.Warn("record not ended", "call", c.ID, "err", err)
		return
	}
	a.log.Info("record of a call cut short ended", "call", c.ID, "outcome", c.Outcome)
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
