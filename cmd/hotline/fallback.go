package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"hotline/asterisk"
	"hotline/asterisk/conf"
	"hotline/dispatch"
)

// The dialplan answers while we are away (D4) and leaves a list of calls and messages.
const (
	importEvery = 10 * time.Second
	// orphanAge is how old a message without a call in the list must be: the list's line
	// is written when its call ends, and a younger message may still be spoken.
	orphanAge = 5 * time.Minute
	// fallbackFolder keeps imported messages, below the recordings.
	fallbackFolder = "fallback"
)

// importFallback takes over what happened while the controller was away: a record for
// each call, an order for each message. It runs at start-up and then now and again,
// since calls sent to the fallback while draining end later. Importing twice is
// harmless: ids and keys are the dialplan's own.
func (a *app) importFallback(ctx context.Context) error {
	done := map[string]bool{}
	for {
		for _, p := range a.roll.local(ctx) {
			a.importFrom(ctx, p, done)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(importEvery):
		}
	}
}

// importFrom takes over what one Asterisk's dialplan did, save the calls that are done.
func (a *app) importFrom(ctx context.Context, p place, done map[string]bool) {
	calls, err := conf.FallbackCalls(p.Dir)
	if err != nil {
		a.log.Warn("fallback calls not read whole", "switch", p.Name, "err", err)
	}
	for _, c := range calls {
		c.ID = p.unique(c.ID)
		young := c.Outcome == "" && time.Since(c.End) < orphanAge
		if done[c.ID] || young {
			continue
		}
		if err := a.importCall(ctx, c); err != nil {
			a.log.Warn("fallback call not imported, trying again", "call", c.ID, "err", err)
			continue
		}
		done[c.ID] = true
	}
}

// unique makes an id of this Asterisk one of the whole fleet. Asterisk does so itself
// where its configuration names it; the one Asterisk of --ari needs no name.
func (p place) unique(id string) string {
	if p.Name == mainSwitch || strings.HasPrefix(id, p.Name+"-") {
		return id
	}
	return p.Name + "-" + id
}

// importCall writes one call's record and, if it left a message, its order.
func (a *app) importCall(ctx context.Context, f conf.FallbackCall) error {
	id := "fallback-" + f.ID
	if known, err := a.store.CallBy(ctx, id); err == nil && (known.Order != "" || f.Message == "") {
		return conf.Forget(f)
	} else if err != nil && !errors.Is(err, dispatch.ErrNotFound) {
		return err
	}
	c := dispatch.Call{
		ID: id, Channel: f.ID, From: asterisk.Normalise(f.Caller), To: a.house.profile.Number, Class: dispatch.Unset,
		StartedAt: f.Start, EndedAt: f.End, Hangup: "dialplan",
		Steps: []dispatch.Step{{At: f.Start, What: "fallback", Text: "控制程序不在,由拨号方案接听"}},
	}
	a.judge(&c, f)
	if f.Message != "" {
		order, err := a.importMessage(ctx, c, f)
		if err != nil {
			return err
		}
		if order != "" {
			c.Order, c.Outcome = order, "voicemail"
		}
	}
	c.Missed = c.Outcome == "missed"
	if err := a.office.RecordCall(ctx, c); err != nil {
		return err
	}
	a.log.Info("fallback call imported", "call", c.ID, "outcome", c.Outcome, "order", c.Order)
	return conf.Forget(f)
}

// judge says what became of a call from the last place the dialplan was in.
func (a *app) judge(c *dispatch.Call, f conf.FallbackCall) {
	key, emergency := strings.CutPrefix(f.Outcome, "emergency-")
	switch {
	case emergency:
		key, failed := strings.CutSuffix(key, "-failed")
		c.Emergency, c.Outcome, c.Detail = true, "emergency", a.serviceOf(key)
		if failed {
			c.Detail += " 未接通"
		}
	case f.Outcome == "duty":
		c.Outcome, c.Detail = "transferred", "值班电话(拨号方案)"
	default:
		c.Outcome = "missed"
	}
}

// serviceOf is the number behind a key of the emergency menu.
func (a *app) serviceOf(key string) string {
	for _, s := range a.house.profile.Emergency.Services {
		if string(s.Key) == key {
			return s.Number
		}
	}
	return key
}

// importMessage makes an order of a message. One too short to say anything makes none;
// it stays a missed call. The file is linked into the recordings before the order is
// made and removed from the dialplan's folder after, so that no crash can lose it.
func (a *app) importMessage(ctx context.Context, c dispatch.Call, f conf.FallbackCall) (order string, err error) {
	length, speech, err := measure(f.Message)
	if err != nil {
		return "", fmt.Errorf("message of %s: %w", f.ID, err)
	}
	if speech <= a.house.profile.Voicemail.Min {
		return "", nil
	}
	file := filepath.Join(fallbackFolder, f.ID+".wav")
	kept := filepath.Join(a.set.recordings(), file)
	if err := os.MkdirAll(filepath.Dir(kept), 0o750); err != nil {
		return "", fmt.Errorf("keep the message: %w", err)
	}
	if err := keep(f.Message, kept); err != nil {
		return "", fmt.Errorf("keep the message: %w", err)
	}
	o, err := a.office.LeaveVoicemail(ctx, dispatch.Intake{
		Key: "fallback:" + f.ID, Phone: c.From, CallID: c.ID, Actor: "citizen", NotifyDuty: a.onDuty(), ReceiptText: true, At: f.Start,
		Summary:   fmt.Sprintf("系统不在线时的留言 %.0f 秒", length.Seconds()),
		Voicemail: &dispatch.Voicemail{File: file, Duration: length, Reason: "fallback", At: f.Start},
	})
	if err != nil {
		return "", err
	}
	return o.Number, nil
}

// keep links a message to where it is kept, or copies it to another disk. One that is
// kept is not touched.
func keep(message, kept string) error {
	err := os.Link(message, kept)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if !errors.Is(err, syscall.EXDEV) {
		return err
	}
	b, err := os.ReadFile(message) // 3 MB for three minutes
	if err != nil {
		return err
	}
	if err := os.WriteFile(kept+".new", b, 0o640); err != nil {
		return err
	}
	return os.Rename(kept+".new", kept)
}

// onDuty are the numbers of the officers who have to know of a message.
func (a *app) onDuty() []string {
	shift := a.house.roster.At(a.clock.Now())
	var numbers []string
	for _, o := range slices.Concat(shift.Duty, shift.Backup) {
		numbers = append(numbers, o.Phone)
	}
	return numbers
}

// measure tells the length of a message and how long somebody spoke in it.
func measure(path string) (length, speech time.Duration, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	return asterisk.MeasureWAV(f)
}
