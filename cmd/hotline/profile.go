package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/ivr"
	"hotline/ivr/voice"
)

// house is one hotline as configured: everything that is read once at start-up and
// never again during a call.
type house struct {
	flow    *ivr.Flow
	profile *ivr.Profile
	policy  *dispatch.Policy
	roster  *dispatch.Roster
	units   []dispatch.Unit

	knowledge dispatch.Knowledge

	calendar *calendar.Calendar
	prompts  *voice.Catalogue
	links    []linkSpec
}

// loadHouse reads a hotline's folder and says everything that is wrong with it at once.
func loadHouse(s settings) (house, error) {
	var h house
	files, err := deployed(s.Deploy)
	if err != nil {
		return h, err
	}
	hotlines, err := fs.Sub(files, "hotlines")
	if err != nil {
		return h, err
	}
	if _, err := fs.Stat(hotlines, s.Profile); err != nil {
		return h, fmt.Errorf("no hotline %q; there is %s", s.Profile, strings.Join(profileIDs(hotlines), ", "))
	}
	var wrong []error
	note := func(err error) {
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	read := func(name string) (file string, src []byte) {
		file = path.Join(s.Profile, name)
		src, err := fs.ReadFile(hotlines, file)
		note(err)
		return file, src
	}
	flow, problems := ivr.ParseFlow(read("flow.yaml"))
	note(problems.Err())
	profile, problems := ivr.ParseProfile(read("profile.yaml"))
	note(problems.Err())
	h.flow, h.profile = flow, profile
	h.policy, err = dispatch.LoadPolicy(hotlines, path.Join(s.Profile, "policy.yaml"))
	note(err)
	h.roster, err = dispatch.LoadRoster(hotlines, path.Join(s.Profile, "roster.yaml"))
	note(err)
	h.units, err = dispatch.LoadUnits(hotlines, path.Join(s.Profile, "units.yaml"))
	note(err)
	h.knowledge, err = dispatch.LoadKnowledge(hotlines, path.Join(s.Profile, "knowledge.yaml"))
	note(err)
	if h.policy != nil {
		book, err := bookOf(files)
		note(err)
		if err == nil {
			note(h.policy.CheckRules(book.Known()).Err())
		}
	}
	if h.policy != nil && err == nil {
		problems, err := h.policy.CheckUnits(hotlines, path.Join(s.Profile, "units.yaml"))
		note(errors.Join(err, problems.Err()))
	}
	days, err := fs.Sub(files, "calendar")
	note(err)
	h.calendar, err = calendar.Load(days)
	note(err)
	if h.policy != nil && h.calendar != nil {
		h.calendar = h.policy.Calendar(h.calendar)
	}
	texts, err := fs.Sub(files, "prompts")
	note(err)
	h.prompts, err = voice.Load(texts, s.Sounds)
	note(err)
	h.links, err = s.linksOf(hotlines)
	note(err)
	if flow != nil && profile != nil && h.prompts != nil {
		note(flow.Check(profile, h.prompts).Err())
	}
	return h, errors.Join(wrong...)
}

// mayOpen refuses to open a hotline to citizens whose number nobody filled in: no regulation's
// gap is filled by a made-up number (SQ-0). A demonstration reaches nobody.
func mayOpen(p *ivr.Profile, s settings) error {
	if !p.Unnumbered || s.Demo {
		return nil
	}
	return fmt.Errorf("%s: number 未填(原文空缺),填了实际号码才能开线;演示用 make run、make demo 或 --demo [SQ-0]", p.File)
}

// linksOf are a hotline's links: those of --links, else those the flags name, else those of
// its folder.
func (s *settings) linksOf(hotlines fs.FS) ([]linkSpec, error) {
	if s.Links != "" {
		links, problems := fileLinks(s.Links)
		return links, problems.Err()
	}
	if named, err := s.specs(); err != nil || len(named) > 0 {
		return named, err
	}
	links, problems := folderLinks(hotlines, s.Profile)
	return links, problems.Err()
}

// profileIDs lists the hotlines there are.
func profileIDs(hotlines fs.FS) []string {
	entries, err := fs.ReadDir(hotlines, ".")
	if err != nil {
		return nil
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() {
			ids = append(ids, e.Name())
		}
	}
	return ids
}
