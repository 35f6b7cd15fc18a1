package asterisk_test

import (
	"context"
	"testing"

	"hotline/asterisk"
)

// What a dead controller was playing is stopped before anything else is asked of the
// call, and its id is not the next one.
func TestTakeoverSilencesTheCall(t *testing.T) {
	w := newWire(t)
	w.on("GET /applications", answer{status: 200, body: `[{"name":"hotline-main-x","channel_ids":["1"]}]`})
	w.on("GET /channels", answer{status: 200, body: `[{"id":"1","state":"Up","caller":{"number":"13800138000"},` +
		`"dialplan":{"exten":"12345","app_name":"Stasis","app_data":"hotline,inbound"}}]`})
	gone := answer{status: 404, body: `{"message":"Playback not found"}`}
	w.on("DELETE /playbacks/", gone)
	w.on("DELETE /playbacks/1-p3", answer{status: 204})
	recorded := make(chan error, 1)
	sw, _ := w.run(func(context.Context, *asterisk.Call) {}, func(c *asterisk.Config) {
		c.Adopt = func(ctx context.Context, c *asterisk.Call, _ *asterisk.Note) {
			c.Play(ctx, asterisk.PlayOptions{Sounds: []string{"/a"}})
		}
	})
	w.awaits("DELETE /playbacks/1-p3")
	if id := w.awaits("POST /channels/1/play/"); id != "1-p4" {
		t.Errorf("the next playback is %s, want 1-p4", id)
	}
	w.on("POST /recordings/live/", answer{status: 404, body: `{"message":"Recording not found"}`})
	go func() { recorded <- sw.StopRecording(t.Context(), "voicemail/1") }()
	if name := w.awaits("POST /recordings/live/"); name != "voicemail/1/stop" {
		t.Errorf("stopped %s", name)
	}
	if err := soon(t, recorded, "the answer"); err != nil {
		t.Errorf("a recording that is over: %v", err)
	}
}

// A bridge a dead controller made goes once nobody talks in it: that of a call which ended
// while nobody controlled it, and that of a caller whose other side left.
func TestTakeoverLeavesNoBridge(t *testing.T) {
	w := newWire(t)
	const app = "hotline-main-x"
	w.on("GET /applications", answer{status: 200, body: `[{"name":"` + app + `","channel_ids":["1"]}]`})
	w.on("GET /channels", answer{status: 200, body: `[{"id":"1","state":"Up","caller":{"number":"13800138000"},` +
		`"dialplan":{"exten":"12345","app_name":"Stasis","app_data":"hotline,inbound"}}]`})
	w.on("GET /bridges", answer{status: 200, body: `[{"id":"alone","channels":["1"]},{"id":"empty","channels":[]}]`})
	book := newNotebook()
	for channel, bridge := range map[string]string{"1": "alone", "9": "empty"} {
		n := asterisk.Note{Channel: channel, Step: asterisk.StepTalking, Leg: "gone-" + channel, Bridge: bridge}
		if err := book.Write(t.Context(), app, n); err != nil {
			t.Fatal(err)
		}
	}
	w.run(func(context.Context, *asterisk.Call) {}, func(c *asterisk.Config) {
		c.Notebook = book
		c.Adopt = func(context.Context, *asterisk.Call, *asterisk.Note) {}
	})
	deleted := map[string]bool{w.awaits("DELETE /bridges/"): true, w.awaits("DELETE /bridges/"): true}
	if !deleted["alone"] || !deleted["empty"] {
		t.Errorf("deleted %v", deleted)
	}
}

// A caller who hangs up before the heir has taken up their conversation: nobody is left
// waiting in it.
func TestTakenOverAndLeft(t *testing.T) {
	h := newHeir(t)
	caller, far := h.talking()
	left := make(chan struct{})
	sw := h.inherits(func(ctx context.Context, c *asterisk.Call, _ *asterisk.Note) {
		caller.Hangup(context.Background())
		<-ctx.Done()
		if d, err := c.Dial(ctx, asterisk.DialOptions{Endpoint: "PJSIP/8001@carrier"}); err == nil || d.Outcome != asterisk.Abandoned {
			t.Errorf("dialled %+v, %v", d, err)
		}
		close(left)
	})
	soon(t, left, "the caller's hang-up")
	soon(t, far.Context().Done(), "the desk's hang-up")
	if err := sw.Wait(within(t, patience)); err != nil {
		t.Error(err)
	}
	until(t, "no channel and no bridge is left", func() bool { return h.has("channels")+h.has("bridges") == 0 })
}
