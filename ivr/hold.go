package ivr

import (
	"context"
	"time"

	"hotline/asterisk"
)

// hold plays the ring-back tone until something changes or the time is up. It does
// not depend on the tone: without it the caller waits in silence, not in a busy loop.
func (v *visit) hold(changed <-chan struct{}, d time.Duration) error {
	late := make(chan struct{})
	stop := v.r.cfg.Clock.AfterFunc(d, func() { close(late) })
	defer stop()
	ctx, cancel := context.WithCancel(v.live)
	silent := v.tone(ctx, d)
	select {
	case <-changed:
	case <-late:
	case <-v.live.Done():
	}
	cancel()
	<-silent
	return v.gone()
}

// tone plays the ring-back tone for at most d; the channel is closed when it ended.
// The call is not used otherwise meanwhile.
func (v *visit) tone(ctx context.Context, d time.Duration) <-chan struct{} {
	silent := make(chan struct{})
	s := v.compose(phrase{id: promptRingback})
	if len(s.Sounds) == 0 {
		close(silent)
		return silent
	}
	o := asterisk.PlayOptions{NoBarge: true, Language: v.r.cfg.Profile.Language}
	for range int(d/max(s.Length, time.Second)) + 1 {
		o.Sounds = append(o.Sounds, s.Sounds...)
		o.Expect += s.Length
	}
	go func() {
		defer close(silent)
		if _, err := v.phone.Play(ctx, o); err != nil && ctx.Err() == nil {
			v.log.Warn("ring-back tone not heard", "err", err)
		}
	}()
	return silent
}
