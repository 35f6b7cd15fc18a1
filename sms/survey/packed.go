package survey

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The states of a packed window. Only scripts change them; only the walk, when SQL says
// so twice, makes one open again.
const (
	stateOpen  = "o"
	stateRated = "r" // answered; the rating is packed beside it
	// The third is "s", settled: SQL says that it is over, or it is on its way there.
)

// pack writes an open window as one hash value, which the scripts take apart by "|":
// state, rating, invalid attempts, opening, deadline, slot, order. Times are in whole
// seconds since 1970. As long as that stays within 64 bytes (hash-max-listpack-value)
// Redis keeps a phone's windows in one piece, in a third of the memory.
func pack(win Window) (string, error) {
	for _, s := range []string{win.ID, win.Slot, win.Order} {
		if strings.ContainsAny(s, "|{}\n") {
			return "", fmt.Errorf("%w: %q holds a reserved character", ErrBadWindow, s)
		}
	}
	if win.ID == "" || win.Phone == "" || win.OpenedAt.IsZero() || !win.Deadline.After(win.OpenedAt) {
		return "", fmt.Errorf("%w: survey %q needs id, phone, opening and a later deadline", ErrBadWindow, win.ID)
	}
	return strings.Join([]string{stateOpen, "0", "0", seconds(win.OpenedAt), seconds(win.Deadline), win.Slot, win.Order}, "|"), nil
}

func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// unpack is the reverse of pack; invalid is the number of invalid attempts. It does not
// know the phone.
func unpack(id, packed string) (win Window, state string, invalid int, err error) {
	f := strings.Split(packed, "|")
	if len(f) != 7 {
		return Window{}, "", 0, fmt.Errorf("survey %s: %d fields in its window, want 7", id, len(f))
	}
	invalid, errInvalid := strconv.Atoi(f[2])
	opened, errOpened := strconv.ParseInt(f[3], 10, 64)
	deadline, errDeadline := strconv.ParseInt(f[4], 10, 64)
	if err := errors.Join(errInvalid, errOpened, errDeadline); err != nil {
		return Window{}, "", 0, fmt.Errorf("survey %s: %w", id, err)
	}
	win = Window{ID: id, Slot: f[5], Order: f[6],
		OpenedAt: time.Unix(opened, 0).UTC(), Deadline: time.Unix(deadline, 0).UTC()}
	return win, f[0], invalid, nil
}

// readEntry takes an entry of the stream of settlements apart: id|deadline|invalid.
func readEntry(entry string) (Settlement, error) {
	f := strings.Split(entry, "|")
	if len(f) != 3 {
		return Settlement{}, fmt.Errorf("a settlement of %d fields, want 3", len(f))
	}
	deadline, err := strconv.ParseInt(f[1], 10, 64)
	if err != nil {
		return Settlement{}, fmt.Errorf("settlement of survey %s: %w", f[0], err)
	}
	s := Settlement{SurveyID: f[0], Outcome: OutcomeUnrated, At: time.Unix(deadline, 0).UTC()}
	if f[2] != "0" {
		s.Outcome = OutcomeInvalid
	}
	return s, nil
}
