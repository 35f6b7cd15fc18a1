package main

import (
	"errors"
	"fmt"
	"net/http"
)

var errNoCall = errors.New("no such call in the record")

func (c *carrier) getCall(w http.ResponseWriter, r *http.Request) {
	if rec, ok := c.record.get(r.PathValue("id")); ok {
		tell(w, rec)
		return
	}
	refuse(w, http.StatusNotFound, errNoCall)
}

// getSound is what our end of a call heard; kept for the last calls only.
func (c *carrier) getSound(w http.ResponseWriter, r *http.Request) {
	rec, ok := c.record.get(r.PathValue("id"))
	ear := rec.sound()
	if !ok || ear == nil {
		refuse(w, http.StatusNotFound, errNoCall)
		return
	}
	w.Header().Set("Content-Type", "audio/wav")
	_, _ = w.Write(ear.WAV()) // whoever left needs no sound
}

func (c *carrier) postCall(w http.ResponseWriter, r *http.Request) {
	var o order
	if !read(w, r, &o) {
		return
	}
	rec, err := c.place(o)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	now, _ := c.record.get(rec.ID)
	tellStatus(w, http.StatusCreated, now)
}

// postKeys presses keys on a call that is up and answers once they are pressed.
func (c *carrier) postKeys(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Keys string `json:"keys"`
	}
	if !read(w, r, &body) {
		return
	}
	if err := checkKeys(body.Keys); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	s, rec, err := c.up(r.PathValue("id"))
	if err != nil {
		refuse(w, http.StatusConflict, err)
		return
	}
	c.press(rec, s, body.Keys)
	w.WriteHeader(http.StatusNoContent)
}

// longestSay bounds what one request may say, in milliseconds.
const longestSay = 300_000

// postSay starts to speak a tone on a call that is up: {"tone_hz":440,"ms":5000}.
func (c *carrier) postSay(w http.ResponseWriter, r *http.Request) {
	body := struct {
		Hz float64 `json:"tone_hz"`
		MS int     `json:"ms"`
	}{440, 1000}
	if !read(w, r, &body) {
		return
	}
	if body.Hz < 100 || body.Hz > 3400 || body.MS < 20 || body.MS > longestSay {
		refuse(w, http.StatusBadRequest, fmt.Errorf("tone_hz is 100 to 3400, ms 20 to %d", longestSay))
		return
	}
	s, _, err := c.up(r.PathValue("id"))
	if err != nil {
		refuse(w, http.StatusConflict, err)
		return
	}
	c.start(func() { c.say(s, body.Hz, millis(body.MS)) })
	w.WriteHeader(http.StatusAccepted)
}

// deleteCall hangs up our end of a call, or gives one up that still rings.
func (c *carrier) deleteCall(w http.ResponseWriter, r *http.Request) {
	if err := c.giveUp(r.PathValue("id")); err != nil {
		refuse(w, http.StatusConflict, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (c *carrier) postReply(w http.ResponseWriter, r *http.Request) {
	number := national(r.PathValue("number"))
	if !isMobile(number) {
		refuse(w, http.StatusNotFound, errors.New("a handset's number is a mobile's: 11 digits from 1"))
		return
	}
	var body reply
	if !read(w, r, &body) {
		return
	}
	t, err := c.send(number, body)
	switch {
	case errors.Is(err, errNobody):
		refuse(w, http.StatusConflict, err)
	case err != nil:
		refuse(w, http.StatusBadRequest, err)
	default:
		tellStatus(w, http.StatusAccepted, t)
	}
}
