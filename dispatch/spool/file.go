package spool

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hotline/dispatch"
)

// The kinds of entries, in the order in which they are offered: a call's record can
// name the order that was made of it.
const (
	kindVoicemail = "1-voicemail"
	kindRequest   = "2-request"
	kindCall      = "3-call"
)

// The endings of file names. A refused entry stays for people to look at.
const (
	waitingEnd = ".json"
	refusedEnd = ".refused"
)

// entry is one thing that waits, as it is in its file.
type entry struct {
	Kind   string
	Intake *dispatch.Intake `json:",omitempty"`
	Call   *dispatch.Call   `json:",omitempty"`
}

// name is the entry's file: the same thing, however often it is kept, is one file. Keys
// are hashed because they are made of what came from outside.
func (e entry) name() string {
	id := ""
	if e.Call != nil {
		id = e.Call.ID
	} else if e.Intake != nil {
		id = e.Intake.Key
	}
	sum := sha256.Sum256([]byte(id))
	return e.Kind + "-" + hex.EncodeToString(sum[:16]) + waitingEnd
}

// stamp notes when the citizen said it, unless that is known: the deadline counts from
// there and not from when the database came back.
func (e *entry) stamp(now time.Time) {
	if e.Intake.At.IsZero() {
		e.Intake.At = now
	}
}

// decode reads an entry; what lacks its part is none.
func decode(data []byte) (entry, error) {
	var e entry
	if err := json.Unmarshal(data, &e); err != nil {
		return e, err
	}
	switch {
	case e.Kind == kindCall && e.Call != nil && e.Call.ID != "",
		(e.Kind == kindVoicemail || e.Kind == kindRequest) && e.Intake != nil && e.Intake.Key != "":
		return e, nil
	}
	return e, fmt.Errorf("a %q without what it is about", e.Kind)
}

// makeFolder makes a folder that only we may read.
func makeFolder(dir string) error { return os.MkdirAll(dir, 0o700) }

// waiting lists the entries' files in the order in which they are offered.
func waiting(dir string) ([]string, error) {
	all, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range all {
		if strings.HasSuffix(f.Name(), waitingEnd) {
			names = append(names, f.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// keep writes an entry's file. It is whole or not there, and it survives a power cut.
func (s *Spool) keep(e entry) (err error) {
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("keep %s: %w", e.name(), err)
	}
	f, err := os.CreateTemp(s.cfg.Dir, "new-*")
	if err != nil {
		return fmt.Errorf("keep %s: %w", e.name(), err)
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
			err = fmt.Errorf("keep %s: %w", e.name(), err)
			s.cfg.Log.Error("not kept on disk", "err", err)
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	s.note(e.name())
	if err = os.Rename(f.Name(), s.path(e.name())); err != nil {
		return err
	}
	return syncFolder(s.cfg.Dir)
}

// syncFolder makes the names in a folder survive a power cut.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// note remembers that there may be a file.
func (s *Spool) note(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[name] = true
}

// forget says that there is no file.
func (s *Spool) forget(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.kept, name)
}

// drop forgets an entry that the office has taken, or never will. Nearly none has a
// file: two records a call would otherwise look for one in vain.
func (s *Spool) drop(name string) {
	s.mu.Lock()
	kept := s.kept[name]
	s.mu.Unlock()
	if !kept {
		return
	}
	if err := os.Remove(s.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.cfg.Log.Warn("kept file not removed; it will be offered again", "file", name, "err", err)
		return
	}
	s.forget(name)
}

// setAside keeps an entry from being offered again.
func (s *Spool) setAside(name string, why error) {
	s.cfg.Log.Error("kept file refused; look at it", "file", name+refusedEnd, "err", why)
	if err := os.Rename(s.path(name), s.path(name+refusedEnd)); err != nil {
		s.cfg.Log.Error("kept file not set aside", "file", name, "err", err)
		return
	}
	s.forget(name)
}

func (s *Spool) path(name string) string { return filepath.Join(s.cfg.Dir, name) }
