package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"hotline/dispatch"
)

// voicemails lists what callers left, newest first; open=true only what nobody heard.
func (c *Console) voicemails(w http.ResponseWriter, r request) error {
	f, err := filter(r)
	if err != nil {
		return err
	}
	rows, err := c.cfg.Record.Voicemails(r.Context(), f)
	if err != nil {
		return err
	}
	order := func(v dispatch.Voicemail) string { return v.Order }
	return send(w, http.StatusOK, paged(f, rows, hiding(r.Context(), c.hider(), order, viewVoicemail)))
}

// voicemail shows one voicemail.
func (c *Console) voicemail(w http.ResponseWriter, r request) error {
	v, err := c.cfg.Record.VoicemailBy(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, viewVoicemail(v, c.hider().order(r.Context(), v.Order)))
}

// markHeard notes that somebody knows a voicemail's content.
func (c *Console) markHeard(w http.ResponseWriter, r request) error {
	if err := receive(w, r, &struct{}{}); err != nil {
		return err
	}
	if err := c.cfg.Office.HeardVoicemail(r.Context(), r.PathValue("id"), r.actor()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// listen gives leave to hear a recording for a while, for a reason. Who listens is in the
// audit and on the order before the first byte leaves (ZZ-24).
func (c *Console) listen(w http.ResponseWriter, r request) error {
	reason, err := reasoned(w, r)
	if err != nil {
		return err
	}
	v, err := c.recording(r)
	if err != nil {
		return err
	}
	if err := c.cfg.Office.Audit(r.Context(), dispatch.Audit{Actor: r.actor(), Act: dispatch.ActListen, Subject: v.ID, Text: reason, Rule: "ZZ-24"}); err != nil {
		return err
	}
	if err := c.cfg.Office.HeardVoicemail(r.Context(), v.ID, r.actor()); err != nil {
		return err
	}
	c.leaves.give(v.ID, r.who, c.cfg.Now())
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// recording finds a voicemail that the requester may hear. An informant's voice is for the
// hotline's office alone: it tells who speaks (KF-3.1.5).
func (c *Console) recording(r request) (dispatch.Voicemail, error) {
	if c.cfg.Audio == nil {
		return dispatch.Voicemail{}, problem{Status: http.StatusNotFound, Detail: "未配置录音目录"}
	}
	v, err := c.cfg.Record.VoicemailBy(r.Context(), r.PathValue("id"))
	if err != nil {
		return v, err
	}
	if c.hider().order(r.Context(), v.Order).Confidential && !slices.Contains(r.who.Account.Roles, HotlineAdmin) {
		return v, c.refuse(r, problem{Status: http.StatusNotFound, Detail: "没有找到", Rule: "KF-3.1.5"})
	}
	return v, nil
}

// audio plays a voicemail, by ranges if the browser likes, to who has leave to listen.
func (c *Console) audio(w http.ResponseWriter, r request) error {
	v, err := c.recording(r)
	if err != nil {
		return err
	}
	if !c.leaves.has(v.ID, r.who, c.cfg.Now()) {
		return problem{Status: http.StatusForbidden, Detail: "请先说明收听原因(ZZ-24)", Field: "reason", Rule: "ZZ-24"}
	}
	sound, err := c.cfg.Audio.OpenAudio(r.Context(), v)
	if errors.Is(err, fs.ErrNotExist) {
		return problem{Status: http.StatusNotFound, Detail: "录音文件不存在", Cause: err}
	}
	if err != nil {
		return fmt.Errorf("open recording of voicemail %s: %w", v.ID, err)
	}
	defer sound.Close()
	w.Header().Set("Content-Type", audioType(v.File))
	http.ServeContent(w, r.Request, "", v.At, sound)
	return nil
}

// audioType is by the file's ending: nothing is guessed from what callers recorded.
func audioType(file string) string {
	switch strings.ToLower(path.Ext(file)) {
	case ".wav":
		return "audio/wav"
	case ".mp3":
		return "audio/mpeg"
	case ".ogg", ".opus":
		return "audio/ogg"
	}
	return "application/octet-stream"
}

// listening is how long leave to hear a recording lasts: players fetch a sound in parts,
// and again.
const listening = 10 * time.Minute

// leaves remembers who may hear what.
type leaves struct {
	mu   sync.Mutex
	from map[[2]string]time.Time // by recording and account
}

func (l *leaves) give(id string, who Session, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.from == nil {
		l.from = map[[2]string]time.Time{}
	}
	maps.DeleteFunc(l.from, func(_ [2]string, from time.Time) bool { return now.Sub(from) >= listening })
	l.from[[2]string{id, who.Account.Name}] = now
}

func (l *leaves) has(id string, who Session, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	from, ok := l.from[[2]string{id, who.Account.Name}]
	return ok && now.Sub(from) < listening
}

// Folder is the Audio of recordings in a folder, by Voicemail.File below it. Names
// that lead out of the folder, by dots or by links, are not opened.
type Folder struct{ root *os.Root }

// OpenFolder holds the folder open until Close.
func OpenFolder(dir string) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	return &Folder{root: root}, nil
}

// Close lets go of the folder.
func (f *Folder) Close() error { return f.root.Close() }

// OpenAudio opens a recording; a missing one fails with fs.ErrNotExist.
func (f *Folder) OpenAudio(_ context.Context, v dispatch.Voicemail) (io.ReadSeekCloser, error) {
	name, err := f.below(v.File)
	if err != nil {
		return nil, err
	}
	return f.root.Open(name)
}

// Discard lets go of a recording, by Voicemail.File; a missing one fails with fs.ErrNotExist.
func (f *Folder) Discard(_ context.Context, file string) error {
	name, err := f.below(file)
	if err != nil {
		return err
	}
	return f.root.Remove(name)
}

// below is a recording's name in the folder; "" is none.
func (f *Folder) below(file string) (string, error) {
	name := filepath.Clean(file)
	if filepath.IsAbs(name) {
		var err error
		if name, err = filepath.Rel(f.root.Name(), name); err != nil {
			return "", fs.ErrNotExist
		}
	}
	if name == "." {
		return "", fs.ErrNotExist
	}
	return name, nil
}
