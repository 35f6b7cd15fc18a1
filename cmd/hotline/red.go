package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/console"
	"hotline/ivr"
)

// redPanel is the red button as the console has it.
type redPanel struct{ a *app }

// Red is part of console.RedButton.
func (p redPanel) Red() dispatch.RedButton { return p.a.red.Red() }

// RedPresses is part of console.RedButton.
func (p redPanel) RedPresses(ctx context.Context, limit int) ([]dispatch.RedButton, error) {
	return p.a.store.RedPresses(ctx, limit)
}

// Announcements are the prompts that may be chosen, in words.
func (p redPanel) Announcements() []console.Announcement {
	var all []console.Announcement
	for _, id := range ivr.Announcements {
		if prompt, ok := p.a.house.prompts.Script().Prompts[id]; ok {
			all = append(all, console.Announcement{ID: id, Text: prompt.Zh})
		}
	}
	return all
}

// Press presses it. An announcement in words is put into sound before it counts, so that
// nobody presses what this controller cannot say; the others say a general one until they
// have it too.
func (p redPanel) Press(ctx context.Context, r dispatch.RedButton) (dispatch.RedButton, error) {
	if r.Prompt != "" && !slices.Contains(ivr.Announcements, r.Prompt) {
		return r, fmt.Errorf("announcement %q 不是可播的公告: %w", r.Prompt, dispatch.ErrInvalid)
	}
	if r.Text != "" {
		if p.a.studio == nil {
			return r, fmt.Errorf("text: 本机没有可用的语音,请选已录好的公告: %w", dispatch.ErrInvalid)
		}
		if _, err := p.a.studio.Speak(ctx, p.a.house.profile.Language, r.Text); err != nil {
			return r, fmt.Errorf("text: 无法合成(%v): %w", err, dispatch.ErrInvalid)
		}
	}
	r, err := p.a.office.PressRed(ctx, r)
	if err == nil && p.a.red.Refresh(ctx) != nil {
		p.a.log.Warn("red button pressed, in force here within a second", "seq", r.Seq)
	}
	return r, err
}

// announceEvery is how often it is looked whether an announcement in words has its sound.
const announceEvery = time.Second

// voiceRed puts an announcement that was written at another controller into sound here,
// once for each press.
func (a *app) voiceRed(ctx context.Context) error {
	done := int64(0)
	for a.studio != nil {
		if r := a.red.Red(); r.Text != "" && r.Seq != done {
			done = r.Seq
			if _, err := a.studio.Speak(ctx, a.house.profile.Language, r.Text); err != nil {
				a.log.Warn("announcement not spoken: a general one is heard", "seq", r.Seq, "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-a.clock.After(announceEvery):
		}
	}
	return nil
}
