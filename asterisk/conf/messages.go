package conf

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// FallbackCall is a call the dialplan took while the controller was away.
type FallbackCall struct {
	ID      string // Asterisk's unique id of the call
	Caller  string // digits, empty when withheld or when Asterisk died during the call
	Start   time.Time
	End     time.Time
	Outcome string // "emergency-1", "emergency-1-failed", "duty", "message", "fallback"; "" when unknown
	Message string // path of the recorded message, "" when there is none
}

// csvPath and messageDir are where the dialplan leaves calls and messages.
func csvPath(dir string) string    { return filepath.Join(dir, "log", "cdr-custom", "fallback.csv") }
func messageDir(dir string) string { return filepath.Join(dir, "spool", "fallback") }

// FallbackCalls reads what the fallback of the Asterisk below dir did: every call in its
// list, oldest first, then messages whose call is not in the list, because it is going on
// or Asterisk died with it. No list is no calls. A line that cannot be read is skipped
// and part of the error, which then comes beside the calls.
//
// The controller imports a call, then calls Forget; importing must tolerate seeing a
// call twice, since the controller may be stopped between the two.
func FallbackCalls(dir string) ([]FallbackCall, error) {
	f, err := os.Open(csvPath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return addOrphans(dir, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("fallback calls: %w", err)
	}
	defer f.Close()
	calls, problems := parseCalls(f)
	for i := range calls {
		path := filepath.Join(messageDir(dir), calls[i].ID+".wav")
		if _, err := os.Stat(path); err == nil {
			calls[i].Message = path
		}
	}
	calls, err = addOrphans(dir, calls)
	return calls, errors.Join(problems, err)
}

// Forget removes the message of an imported call. Its line in the list stays: Asterisk
// holds the list open, and whoever rotates it does so with the other logs.
func Forget(c FallbackCall) error {
	if c.Message == "" {
		return nil
	}
	if err := os.Remove(c.Message); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("fallback message: %w", err)
	}
	return nil
}

// parseCalls reads the list, one call in a line as cdr_custom.conf says.
func parseCalls(r io.Reader) ([]FallbackCall, error) {
	var calls []FallbackCall
	var problems []error
	lines := csv.NewReader(r)
	lines.FieldsPerRecord = 6
	lines.LazyQuotes = true
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return calls, errors.Join(problems...)
		}
		if err == nil {
			var c FallbackCall
			if c, err = parseCall(fields); err == nil {
				calls = append(calls, c)
				continue
			}
		}
		line, _ := lines.FieldPos(0)
		problems = append(problems, fmt.Errorf("fallback calls, line %d: %w", line, err))
		if !errors.Is(err, csv.ErrFieldCount) && !errors.Is(err, errBadCall) {
			return calls, errors.Join(problems...) // the reader itself failed
		}
	}
}

var errBadCall = errors.New("not a call")

func parseCall(fields []string) (FallbackCall, error) {
	c := FallbackCall{ID: fields[0], Caller: fields[1], Outcome: fields[5]}
	if c.ID == "" || strings.ContainsAny(c.ID, "/\\\x00") || strings.HasPrefix(c.ID, ".") {
		return c, fmt.Errorf("%w: id %q", errBadCall, c.ID)
	}
	var err error
	if c.Start, err = epoch(fields[3]); err != nil {
		return c, err
	}
	c.End, err = epoch(fields[4])
	return c, err
}

// epoch reads "1795349920.123456".
func epoch(s string) (time.Time, error) {
	seconds, fraction, _ := strings.Cut(s, ".")
	sec, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || sec < 0 || sec > 1<<35 {
		return time.Time{}, fmt.Errorf("%w: time %q", errBadCall, s)
	}
	micro, _ := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	return time.Unix(sec, micro*1000), nil
}

// addOrphans appends messages no call in the list belongs to. Their files' times are the
// calls' times, as near as can be told.
func addOrphans(dir string, calls []FallbackCall) ([]FallbackCall, error) {
	listed := map[string]bool{}
	for _, c := range calls {
		listed[c.ID] = true
	}
	entries, err := os.ReadDir(messageDir(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return calls, nil
	}
	if err != nil {
		return calls, fmt.Errorf("fallback messages: %w", err)
	}
	for _, e := range entries {
		id, isMessage := strings.CutSuffix(e.Name(), ".wav")
		info, err := e.Info()
		if !isMessage || listed[id] || err != nil {
			continue
		}
		calls = append(calls, FallbackCall{
			ID: id, Message: filepath.Join(messageDir(dir), e.Name()), End: info.ModTime(), Start: info.ModTime(),
		})
	}
	return calls, nil
}
