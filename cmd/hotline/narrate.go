package main

import (
	"context"
	"errors"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
	"hotline/ivr"
	"hotline/ivr/voice"
)

// openStudio opens the voices that put answers into sound; without any the hotline goes
// on and citizens have their answers by text alone (ZZ-18.4).
func (a *app) openStudio(ctx context.Context) *voice.Studio {
	for _, text := range a.house.prompts.Missing() {
		a.log.Warn("prompt not rendered: run hotline prompts build", "prompt", text)
	}
	studio, err := voice.OpenStudio(ctx, voice.StudioConfig{Script: a.house.prompts.Script(), Dir: a.set.Sounds,
		Tools: voice.Tools{Dir: a.set.Tools}, Workers: 1})
	if err != nil {
		a.log.Warn("answers are not spoken", "err", err)
		return nil
	}
	a.cleanups = append(a.cleanups, studio.Close)
	return studio
}

// narrator is the studio as the flow needs it: nothing at all where there is none.
func (a *app) narrator() ivr.Narrator {
	if a.studio == nil {
		return nil
	}
	return a.studio
}

// narrate puts the answer to each completed order into sound, one at a time and away
// from every call, so that it can be heard on query (ZZ-18.3). What a restart left out
// is heard as text only.
func (a *app) narrate(ctx context.Context) error {
	if a.studio == nil {
		return nil
	}
	for n := range a.office.Subscribe(ctx) {
		if n.Kind != dispatch.NoticeOrder {
			continue
		}
		o, err := a.store.OrderBy(ctx, n.ID)
		if err != nil || o.Result == "" || o.Confidential || o.State == dispatch.Registered {
			continue
		}
		if _, known := a.studio.Recall(a.house.profile.Language, o.Result); known {
			continue
		}
		if _, err := a.studio.Speak(ctx, a.house.profile.Language, o.Result); err != nil {
			a.log.Warn("answer not spoken", "order", o.Number, "err", err)
		}
	}
	return nil
}

// apologise is what a caller hears when a call of theirs went wrong inside us, before
// the dialplan takes over.
func (a *app) apologise(ctx context.Context, c *asterisk.Call) {
	speech, err := a.house.prompts.Compose(a.house.profile.Language, "apology", nil)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, speech.Length+5*time.Second)
		defer cancel()
		_, err = c.Play(ctx, asterisk.PlayOptions{Sounds: speech.Sounds, Expect: speech.Length})
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		a.log.Warn("apology not heard", "err", err)
	}
}
