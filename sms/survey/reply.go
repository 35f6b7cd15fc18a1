package survey

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"
)

// Reply judges one inbound text (ZQ-15.2, ZQ-15.3). The first valid answer in time
// is Rated and ends the window; an invalid attempt is counted and leaves it open;
// what comes after the deadline or after the end is Late. The same TextID gets the
// same verdict for two days.
//
// A rating is not among the settlements that Run hands to SQL: the text is in SQL's
// inbox before it is judged here, and is judged again until SQL has applied it. Were it
// settled from two sides, the citizen's own answer could be found late.
//
// It fails with ErrCold, for some seconds after Redis did not answer too, or with
// Redis's own error; then the text is to be judged from SQL. None means that Redis knows no window, which SQL may know better.
func (w *Windows) Reply(ctx context.Context, r Reply) (Verdict, error) {
	parsed := Parse(r.Text)
	switch parsed.Kind {
	case Refusal:
		return Verdict{Kind: OptOut, Reason: parsed.Reason}, nil
	case Other:
		return Verdict{Kind: None, Reason: parsed.Reason}, nil
	}
	if err := w.rested(); err != nil {
		return Verdict{}, err
	}
	now := w.cfg.Now()
	if r.At.IsZero() {
		r.At = now
	}
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	p := w.place(r.Phone)
	out, err := replyScript.Run(ctx, w.cfg.Redis, []string{p.windows, p.due, p.epoch, p.tag + "t:" + r.TextID},
		parsed.Rating, r.Slot, parsed.Order, r.At.Unix(), now.Unix(), secondsOf(w.cfg.Retain), secondsOf(w.cfg.Hold)).StringSlice()
	if err != nil {
		err = coldOr(err)
		w.noteSilence(err)
		if errors.Is(err, ErrCold) {
			w.rouse()
		}
		return Verdict{}, fmt.Errorf("judge text %s: %w", r.TextID, err)
	}
	v, err := readVerdict(out)
	if err != nil {
		return Verdict{}, fmt.Errorf("judge text %s: %w", r.TextID, err)
	}
	if v.Window.ID != "" {
		v.Window.Phone = r.Phone
	}
	if v.Kind == Invalid && v.Reason == "" {
		v.Reason = parsed.Reason
	}
	return v, nil
}

// readVerdict takes the script's answer apart: kind, id, packed, guessed, reason.
func readVerdict(out []string) (Verdict, error) {
	if len(out) != 5 {
		return Verdict{}, fmt.Errorf("a verdict of %d parts, want 5", len(out))
	}
	v := Verdict{Kind: VerdictKind(out[0]), Heuristic: out[3] == "1", Reason: out[4]}
	if v.Kind == None {
		return v, nil
	}
	win, _, _, err := unpack(out[1], out[2])
	if err != nil {
		return Verdict{}, err
	}
	v.Window = win
	if v.Kind == Rated {
		v.Rating, err = strconv.Atoi(out[2][2:3])
	}
	return v, err
}

// coldOr turns the scripts' COLD into ErrCold.
func coldOr(err error) error {
	if redis.HasErrorPrefix(err, "COLD") {
		return ErrCold
	}
	return err
}
