package asterisk

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// The event types in use. Asterisk is asked to send these and nothing else; whatever
// arrives besides is counted and skipped, never fatal.
const (
	stasisStart         = "StasisStart"
	stasisEnd           = "StasisEnd"
	dtmfReceived        = "ChannelDtmfReceived"
	hangupRequest       = "ChannelHangupRequest"
	channelDestroyed    = "ChannelDestroyed"
	stateChange         = "ChannelStateChange"
	playbackFinished    = "PlaybackFinished"
	recordingStarted    = "RecordingStarted"
	recordingFinished   = "RecordingFinished"
	recordingFailed     = "RecordingFailed"
	applicationReplaced = "ApplicationReplaced"
	callBroadcast       = "CallBroadcast"
)

// eventTypes is what the event filter lets through. A StasisEnd is understood and not
// asked for: of the end of a call the hang-up tells before it and the channel's end after.
var eventTypes = []string{
	callBroadcast, stasisStart, dtmfReceived, hangupRequest, channelDestroyed, stateChange,
	playbackFinished, recordingStarted, recordingFinished, recordingFailed, applicationReplaced,
}

// Events that only the switch itself puts into a mailbox.
const (
	guardFired = "guard-fired" // a guarded key: what was typed before it is void
	resynced   = "resynced"    // the socket was away; an operation asks Asterisk how it stands
)

// event is what we read of an ARI event. The library's event types are not used: they
// decode a map of every channel variable, connected line and format; to read the fields
// in use and to pass over the rest takes a tenth of the time (BenchmarkDecode). The
// tags are for lists of channels, and for the test that compares with encoding/json.
type event struct {
	Type      string         `json:"type"`
	Timestamp string         `json:"timestamp"`
	Channel   *channelInfo   `json:"channel"`
	Digit     string         `json:"digit"`
	Cause     int            `json:"cause"`
	CauseText string         `json:"cause_txt"`
	TechCause int            `json:"tech_cause"`
	Playback  *playbackInfo  `json:"playback"`
	Recording *recordingInfo `json:"recording"`
}

func (e *event) field(d *scanner, name string) {
	switch name {
	case "type":
		d.text(&e.Type)
	case "timestamp":
		d.text(&e.Timestamp)
	case "channel":
		object(d, &e.Channel, (*channelInfo).field)
	case "digit":
		d.text(&e.Digit)
	case "cause":
		d.number(&e.Cause)
	case "cause_txt":
		d.text(&e.CauseText)
	case "tech_cause":
		d.number(&e.TechCause)
	case "playback":
		object(d, &e.Playback, (*playbackInfo).field)
	case "recording":
		object(d, &e.Recording, (*recordingInfo).field)
	default:
		d.skip()
	}
}

type channelInfo struct {
	ID       string            `json:"id"`
	State    string            `json:"state"`
	Vars     map[string]string `json:"channelvars"` // those that ari.conf tells to send along
	Caller   callerInfo        `json:"caller"`
	Dialplan dialplanInfo      `json:"dialplan"`
}

func (c *channelInfo) field(d *scanner, name string) {
	switch name {
	case "id":
		d.text(&c.ID)
	case "state":
		d.text(&c.State)
	case "channelvars":
		d.table(&c.Vars)
	case "caller":
		inner(d, &c.Caller, (*callerInfo).field)
	case "dialplan":
		inner(d, &c.Dialplan, (*dialplanInfo).field)
	default:
		d.skip()
	}
}

type callerInfo struct {
	Name   string `json:"name"`
	Number string `json:"number"`
}

func (c *callerInfo) field(d *scanner, name string) {
	switch name {
	case "name":
		d.text(&c.Name)
	case "number":
		d.text(&c.Number)
	default:
		d.skip()
	}
}

type dialplanInfo struct {
	Exten   string `json:"exten"`
	AppName string `json:"app_name"`
	AppData string `json:"app_data"`
}

func (p *dialplanInfo) field(d *scanner, name string) {
	switch name {
	case "exten":
		d.text(&p.Exten)
	case "app_name":
		d.text(&p.AppName)
	case "app_data":
		d.text(&p.AppData)
	default:
		d.skip()
	}
}

// source is the address and port that the dialplan passes on with a citizen's call.
func (c *channelInfo) source() netip.Addr {
	_, text, _ := strings.Cut(c.Dialplan.AppData, ",inbound,")
	from, err := netip.ParseAddrPort(text)
	if err != nil {
		return netip.Addr{}
	}
	return from.Addr().Unmap()
}

type playbackInfo struct {
	ID    string `json:"id"`
	State string `json:"state"`
}

func (p *playbackInfo) field(d *scanner, name string) {
	switch name {
	case "id":
		d.text(&p.ID)
	case "state":
		d.text(&p.State)
	default:
		d.skip()
	}
}

// recordingInfo carries Asterisk's own measurements, in whole seconds; -1 stands for
// "not told". Duration is short of the silence at the end of the recording.
type recordingInfo struct {
	Name     string `json:"name"`
	State    string `json:"state"`
	Duration int    `json:"duration"`
	Cause    string `json:"cause"`
}

func (r *recordingInfo) field(d *scanner, name string) {
	switch name {
	case "name":
		d.text(&r.Name)
	case "state":
		d.text(&r.State)
	case "duration":
		d.number(&r.Duration)
	case "cause":
		d.text(&r.Cause)
	default:
		d.skip()
	}
}

// decode reads one event. It accepts any JSON object with a type; what a type needs and
// lacks makes it an error here, so that nobody has to look for nil later. The strings of
// an event are parts of one copy of its message: who keeps one for long clones it.
func decode(message []byte) (*event, error) {
	e, d := &event{}, scanner{in: string(message)}
	inner(&d, e, (*event).field)
	if d.end(); d.err != nil {
		return nil, fmt.Errorf("malformed event: %w", d.err)
	}
	var whole bool
	switch e.Type {
	case "":
		return nil, fmt.Errorf("event without a type")
	case callBroadcast, stasisStart, stasisEnd, hangupRequest, channelDestroyed, stateChange:
		whole = e.Channel != nil && e.Channel.ID != ""
	case dtmfReceived:
		whole = e.Channel != nil && e.Channel.ID != "" && len(e.Digit) == 1
	case playbackFinished:
		whole = e.Playback != nil && e.Playback.ID != ""
	case recordingStarted, recordingFinished, recordingFailed:
		whole = e.Recording != nil && e.Recording.Name != ""
	default:
		whole = true
	}
	if !whole {
		return nil, fmt.Errorf("%s event lacks what it is about", e.Type)
	}
	return e, nil
}

// at is Asterisk's own time of the event, zero when it is unreadable.
func (e *event) at() time.Time {
	t, _ := time.Parse("2006-01-02T15:04:05.000-0700", e.Timestamp)
	return t
}

// key is the key pressed, 0 for any other event.
func (e *event) key() byte {
	if e.Type == dtmfReceived {
		return e.Digit[0]
	}
	return 0
}
