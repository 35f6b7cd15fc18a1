package main

import (
	"strings"
	"time"

	"hotline/cmd/rig"
)

// excuse says what the end of a part takes with it, which is not the hotline's doing.
func (x *injury) excuse(part string, dead bool) {
	before := func(c *call) bool { return c.Began.Before(time.Now()) && !c.Began.After(x.round.Whole) }
	kind, _, _ := strings.Cut(part, "-")
	switch kind {
	case rig.Asterisk:
		mine := func(c *call) bool { return x.town.switchName(c.Switch) == part }
		x.lost = mine
		if dead {
			x.torn = mine
			died := time.Now()
			x.unwritten = func(c *call) bool {
				return mine(c) && c.Beep.Before(died) && c.Beep.Add(enoughSpeech+writeBehind).After(died)
			}
			x.silent = func(c *call) bool { return mine(c) && c.Began.Before(x.ready) }
		}
	case rig.Carrier:
		x.forgets = true
		// Whom the carrier carried is gone, and whoever was being rung for a caller.
		x.lost = before
		x.torn = func(c *call) bool { return len(c.Reached) > 0 && c.Since.Before(x.ready) }
		x.silent = func(c *call) bool { return dead && c.Began.Before(x.ready.Add(time.Second)) }
	}
}

// cutTape ends the channels of an Asterisk that was killed.
func (x *injury) cutTape(part string) {
	for i, p := range x.town.tapes {
		if x.town.switchName(i) != part {
			continue
		}
		if err := p.cut(); err != nil {
			x.findings = append(x.findings, err.Error())
		}
	}
}

// deafen notes a time in which a part of what callers hear could not work. With one
// controller nobody speaks while it is away; with several another must.
func (x *injury) deafen(what string, from, to time.Time) {
	alone := len(x.town.controllers()) == 1
	carries := strings.HasPrefix(what, rig.Asterisk) || strings.HasPrefix(what, rig.Carrier)
	controls := strings.HasPrefix(what, rig.Hotline) && (!strings.Contains(what, ">") || strings.Contains(what, ">"+rig.Asterisk))
	if carries || controls && alone {
		x.deaf = append(x.deaf, window{from, to})
	}
}

// writeBehind is how much of a recording an Asterisk that is killed takes with it: it writes
// files in blocks of 32 KB, two seconds of 16 bits at 8 kHz.
const writeBehind = 2048 * time.Millisecond

// unheard says whether a message was asked for when nobody could have recorded it, or was
// not on disk yet when its Asterisk was killed.
func (x *injury) unheard(c *call) bool {
	if x.unwritten != nil && x.unwritten(c) {
		return true
	}
	for _, w := range x.deaf {
		if c.Beep.After(w.from.Add(-slack)) && c.Beep.Before(w.to.Add(slack)) {
			return true
		}
	}
	return false
}
