package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
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

// audio plays a voicemail, by ranges if the browser likes. Who listens is noted on the
// order before the first byte leaves; if that fails nothing is played.
func (c *Console) audio(w http.ResponseWriter, r request) error {
	if c.cfg.Audio == nil {
		return problem{Status: http.StatusNotFound, Detail: "未配置录音目录"}
	}
	v, err := c.cfg.Record.VoicemailBy(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	sound, err := c.cfg.Audio.OpenAudio(r.Context(), v)
	if errors.Is(err, fs.ErrNotExist) {
		return problem{Status: http.StatusNotFound, Detail: "录音文件不存在", Cause: err}
	}
	if err != nil {
		return fmt.Errorf("open recording of voicemail %s: %w", v.ID, err)
	}
	defer sound.Close()
	if c.heard.first(v.ID, r.who, c.cfg.Now()) {
		if err := c.cfg.Office.HeardVoicemail(r.Context(), v.ID, r.actor()); err != nil {
			c.heard.forget(v.ID, r.who)
			return err
		}
	}
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

// listening is how long several requests for one recording are one listening: players
// fetch a sound in parts.
const listening = 5 * time.Minute

// heardOnce remembers who listens to what, so that one listening is one event.
type heardOnce struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func (h *heardOnce) first(id string, who Session, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.last == nil {
		h.last = map[string]time.Time{}
	}
	for key, at := range h.last {
		if now.Sub(at) >= listening {
			delete(h.last, key)
		}
	}
	key := id + " " + who.Account
	_, before := h.last[key]
	if !before {
		h.last[key] = now
	}
	return !before
}

func (h *heardOnce) forget(id string, who Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.last, id+" "+who.Account)
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
	name := filepath.Clean(v.File)
	if filepath.IsAbs(name) {
		rel, err := filepath.Rel(f.root.Name(), name)
		if err != nil {
			return nil, fs.ErrNotExist
		}
		name = rel
	}
	return f.root.Open(name)
}
