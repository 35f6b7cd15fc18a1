package main

import (
	"context"
	"sync"
	"time"

	"github.com/CyCoreSystems/ari/v5"
	"github.com/CyCoreSystems/ari/v5/client/native"
	"github.com/CyCoreSystems/ari/v5/rid"
)

// stockApp is the ARI application of the ari/v5 contender.
const stockApp = "bench-stock"

// serveStock is an application on ari/v5 in the manner of the library's own examples.
func serveStock(ctx context.Context, s site, ready func(counters)) error {
	client, err := native.Connect(&native.Options{
		Application: stockApp, Username: s.User, Password: s.Pass,
		URL: "http://" + s.ARI + "/ari", WebsocketURL: "ws://" + s.ARI + "/ari/events",
	})
	if err != nil {
		return err
	}
	// The client is not closed, the process ends with it: its Close races with its own reader.
	arrivals := client.Bus().Subscribe(nil, ari.Events.StasisStart)
	defer arrivals.Cancel()
	ready(nil)
	var calls sync.WaitGroup
	defer calls.Wait()
	for {
		select {
		case e := <-arrivals.Events():
			if start, ok := e.(*ari.StasisStart); ok {
				h := client.Channel().Get(start.Key(ari.ChannelKey, start.Channel.ID))
				calls.Go(func() { stockCall(ctx, h, s) })
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// stockCall serves one call.
func stockCall(ctx context.Context, h *ari.ChannelHandle, s site) {
	keys := h.Subscribe(ari.Events.ChannelDtmfReceived)
	defer keys.Cancel()
	end := h.Subscribe(ari.Events.StasisEnd)
	defer end.Cancel()
	if h.Answer() != nil {
		return
	}
	for _, id := range []string{promptOne, promptTwo, promptThree} {
		playback, err := h.Play(rid.New(rid.Playback), "sound:"+s.sound(id))
		if err != nil {
			return
		}
		select {
		case e := <-keys.Events():
			if key, ok := e.(*ari.ChannelDtmfReceived); ok && key.Digit == "2" {
				if playback.Stop() == nil {
					hold(ctx, h, end, s)
				}
				return
			}
		case <-end.Events():
			return
		case <-ctx.Done():
			return
		case <-time.After(8 * time.Second):
			_ = h.Hangup() // it may be gone
			return
		}
		if playback.Stop() != nil {
			return
		}
	}
}

// hold plays what holds a caller until they hang up.
func hold(ctx context.Context, h *ari.ChannelHandle, end ari.Subscription, s site) {
	if _, err := h.Play(rid.New(rid.Playback), "sound:"+s.sound(promptHeld)); err != nil {
		return
	}
	select {
	case <-end.Events():
	case <-ctx.Done():
	}
}
