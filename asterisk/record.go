package asterisk

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// hurry bounds what is done about the file of a recording that something more urgent
	// ended, the emergency key above all.
	hurry       = 300 * time.Millisecond
	closeMargin = 3 * time.Second // for Asterisk's word that the file is closed
	// keptSilence is what Asterisk leaves of a silence that ended a recording.
	keptSilence = 200 * time.Millisecond
)

// Record records the caller until a stop key, silence, the maximum, a hang-up or the
// end of ctx; RecordOptions and RecordEnd tell how. Hanging up is a success: the error
// is nil and what was said is kept. So it is when ctx ends, with the cause as error. Keys
// pressed before the recording are forgotten: they were meant for the prompt.
//
// RecordFailed comes without an error when Asterisk opened no file or stopped by itself
// before anything asked it to (disk full, audio gone for 4 s), with one when it refused.
func (c *Call) Record(ctx context.Context, o RecordOptions) (Recording, error) {
	rec := Recording{Name: o.Name}
	began, resumes := c.resumesRecording(o.Name)
	if err := c.over(ctx); err != nil && (!resumes || c.ctx.Err() == nil || c.sw.away.Load()) {
		return rec, err // but what was said before a controller died is kept, also of who left meanwhile
	}
	defer c.busy("recording")()
	c.drain()
	c.keys, c.late = nil, ""
	to := route{'r', o.Name}
	if !c.sw.calls.add(to, c) {
		return rec, errors.New("asterisk: a recording named " + o.Name + " is running")
	}
	defer c.sw.calls.remove(to)
	if !resumes {
		began = c.sw.cfg.Clock.Now()
	}
	t := &taping{call: c, o: o, began: began}
	c.jot(ctx, func(n *Note) { n.Step, n.Recording, n.Since = StepRecording, o.Name, began })
	if resumes {
		t.resume()
	} else if err := t.start(ctx); err != nil {
		return t.refused(ctx, err)
	}
	c.sw.stats.recordings.Add(1)
	return t.run(ctx)
}

// taping is one running recording.
type taping struct {
	call     *Call
	o        RecordOptions
	began    time.Time // our clock
	started  time.Time // Asterisk's clock
	finished *event
	ended    time.Time
}

func (t *taping) start(ctx context.Context) error {
	format := t.o.Format
	if format == "" {
		format = "wav"
	}
	query := url.Values{
		"name": {t.o.Name}, "format": {format}, "beep": {strconv.FormatBool(t.o.Beep)}, "terminateOn": {"none"}, "ifExists": {"fail"},
		"maxSilenceSeconds": {wholeSeconds(t.o.Silence)},
	}
	if t.o.Max > 0 {
		// Ours ends it; Asterisk's is for when we are not there any more.
		query.Set("maxDurationSeconds", wholeSeconds(t.o.Max+time.Second))
	}
	return t.call.command(detached(ctx), http.MethodPost, "/record", query) // as a playback is
}

func wholeSeconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }

func (t *taping) refused(ctx context.Context, err error) (Recording, error) {
	rec := Recording{Name: t.o.Name, End: RecordFailed}
	over := t.call.over(ctx)
	switch {
	case t.call.ctx.Err() != nil:
		rec.End = RecordHangup
		return rec, nil
	case over != nil:
		t.stop(ctx)
		rec.End = RecordStopped
		return rec, over
	}
	if !answered(err) {
		t.stop(ctx)
	}
	t.call.sw.cfg.Log.Error("recording refused", "call", t.call.id, "name", t.o.Name, "err", err)
	return rec, err
}

func (t *taping) run(ctx context.Context) (Recording, error) {
	end, key, err := t.wait(ctx)
	if t.finished == nil {
		if end != RecordHangup {
			t.stop(ctx)
		}
		t.close(end)
	}
	rec := Recording{Name: t.o.Name, End: end, Duration: t.length()}
	if key != 0 {
		rec.Key = string(key)
	}
	if end == RecordSilence {
		rec.End = t.whySelf()
	}
	if rec.End != RecordFailed {
		rec.Duration, rec.Speech = t.measure(ctx, rec)
	}
	t.call.sw.cfg.Log.Info("recorded", "call", t.call.id, "name", rec.Name, "end", rec.End,
		"duration", rec.Duration, "speech", rec.Speech)
	return rec, err
}

// wait returns what ended the recording. RecordSilence stands for "Asterisk did".
func (t *taping) wait(ctx context.Context) (RecordEnd, byte, error) {
	a := t.call.sw.after(t.left())
	defer a.cancel()
	for {
		e, err := t.call.await(ctx, a)
		switch {
		case errors.Is(err, errTimeUp):
			return RecordMax, 0, nil
		case err != nil && t.call.ctx.Err() != nil:
			return RecordHangup, 0, nil
		case err != nil:
			return RecordStopped, 0, err
		case t.note(e):
			return RecordSilence, 0, nil
		case e.key() != 0 && strings.IndexByte(t.o.StopKeys, e.key()) >= 0:
			t.call.keys = t.call.keys[:len(t.call.keys)-1]
			return RecordKey, e.key(), nil
		case e.Type == resynced && t.vanished(ctx):
			t.finished = &event{Type: recordingFinished, Recording: &recordingInfo{Name: t.o.Name, Duration: -1}}
			return RecordSilence, 0, nil
		}
	}
}

// note keeps what an event says about this recording and reports whether it is over.
func (t *taping) note(e *event) bool {
	if e.Recording == nil || e.Recording.Name != t.o.Name {
		return false
	}
	switch e.Type {
	case recordingStarted:
		t.started = e.at()
	case recordingFinished, recordingFailed:
		t.finished, t.ended = e, e.at()
	}
	return t.finished != nil
}

// close waits for Asterisk's word that the file is complete.
func (t *taping) close(end RecordEnd) {
	margin := closeMargin
	if end == RecordStopped {
		margin = hurry
	}
	a := t.call.sw.after(margin)
	defer a.cancel()
	for {
		e := t.call.settle(a)
		if e == nil || t.note(e) {
			return
		}
	}
}

func (t *taping) stop(ctx context.Context) {
	err := t.call.sw.do(detached(ctx), request{method: http.MethodPost, path: live(t.o.Name) + "/stop"})
	if err != nil && !refused(err, http.StatusNotFound) {
		t.call.sw.cfg.Log.Warn("recording not stopped", "call", t.call.id, "name", t.o.Name, "err", err)
	}
}

func (t *taping) vanished(ctx context.Context) bool {
	err := t.call.sw.do(ctx, request{method: http.MethodGet, path: live(t.o.Name)})
	return refused(err, http.StatusNotFound)
}

// length is how long Asterisk recorded, by its own clock to the millisecond: the
// durations it reports are whole seconds.
func (t *taping) length() time.Duration {
	if t.started.IsZero() || t.ended.IsZero() {
		return t.call.sw.cfg.Clock.Now().Sub(t.began)
	}
	return t.ended.Sub(t.started)
}

// whySelf tells why Asterisk ended a recording nobody stopped. Its event does not say,
// so a silence that cannot have been one is a failure.
func (t *taping) whySelf() RecordEnd {
	info := t.finished.Recording
	length := t.length()
	switch {
	case t.finished.Type == recordingFailed || info.State == "failed":
		return RecordFailed
	case t.o.Max > 0 && length >= t.o.Max:
		return RecordMax
	case t.call.ctx.Err() != nil:
		return RecordHangup
	case t.o.Silence <= 0 || length < t.o.Silence:
		return RecordFailed
	}
	return RecordSilence
}

// measure tells the file's length and how much of it is speech. The file is the best
// witness; should it not be readable, Asterisk's numbers have to do.
func (t *taping) measure(ctx context.Context, rec Recording) (duration, speech time.Duration) {
	if t.o.Format == "" || t.o.Format == "wav" {
		budget := t.call.sw.cfg.RequestTimeout
		if rec.End == RecordStopped {
			budget = min(budget, hurry)
		}
		if duration, speech, ok := t.listen(ctx, budget); ok {
			return duration, speech
		}
	}
	duration = rec.Duration
	if rec.End == RecordSilence {
		return duration - t.o.Silence + keptSilence, duration - t.o.Silence
	}
	if told := t.finished; told != nil && told.Recording.Duration >= 0 {
		trailing := duration.Truncate(time.Second) - time.Duration(told.Recording.Duration)*time.Second
		return duration, max(0, duration-max(0, trailing))
	}
	return duration, duration
}

// listen reads the file back: one local request, at most 3 MB for three minutes.
func (t *taping) listen(ctx context.Context, budget time.Duration) (duration, speech time.Duration, ok bool) {
	ctx, cancel := context.WithTimeout(detached(ctx), budget)
	defer cancel()
	body, err := t.call.sw.Recording(ctx, t.o.Name)
	if err != nil {
		t.call.sw.cfg.Log.Warn("recording not measured", "name", t.o.Name, "err", err)
		return 0, 0, false
	}
	defer body.Close()
	duration, speech, err = MeasureWAV(io.LimitReader(body, 64<<20))
	return duration, speech, err == nil
}
