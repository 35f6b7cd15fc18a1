package asterisk

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

const (
	// subscribeAtOnce bounds how many channels one request names: they stand in its URL.
	subscribeAtOnce = 50
	// claimsAtOnce is how many claims wait for Asterisk's answer at a time.
	claimsAtOnce = 16
)

// heirs remembers, for one taking over, whose calls are ours to take.
type heirs struct {
	ctx   context.Context
	sw    *Switch
	known map[string]bool     // by application
	left  map[string][]string // the channels of those applications
}

func (h *heirs) inherit(app string) bool {
	yes, known := h.known[app]
	if !known {
		_, family := NodeOf(h.sw.cfg.App, app)
		yes = family && (h.sw.cfg.Inherit == nil || h.sw.cfg.Inherit(h.ctx, app, h.sw.cfg.Name))
		h.known[app] = yes
	}
	return yes
}

// applications is whose events Asterisk knows to send where.
func (s *Switch) applications(ctx context.Context) (all []application, err error) {
	err = s.do(ctx, request{method: http.MethodGet, path: "/applications", out: &all})
	return all, err
}

// orphans is the channels that no living controller has.
func (s *Switch) orphans(ctx context.Context, h *heirs) (ids []string, err error) {
	all, err := s.applications(ctx)
	if err != nil {
		return nil, err
	}
	alive := map[string]bool{}
	var left []string
	for _, a := range all {
		switch {
		case a.Name == s.app:
			left = append(left, s.unknown(a.Channels)...)
		case h.inherit(a.Name):
			left = append(left, a.Channels...)
			h.left[a.Name] = a.Channels
		default:
			for _, id := range a.Channels {
				alive[id] = true
			}
		}
	}
	slices.Sort(left)
	for _, id := range slices.Compact(left) {
		if !alive[id] && s.calls.find(route{'c', id}) == nil {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// unknown is channels of our own application that we have no call for, once a StasisStart
// has had the time to arrive.
func (s *Switch) unknown(ids []string) []string {
	missing := func() []string {
		return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return s.calls.find(route{'c', id}) != nil })
	}
	if len(missing()) == 0 {
		return nil
	}
	s.pause(s.base, startsInFlight)
	return missing()
}

// subscribe makes the events of these channels go to our application (POST), or no longer
// (DELETE). Asterisk refuses the rest of a list when one of its channels is gone: then each
// is asked for.
func (s *Switch) subscribe(ctx context.Context, method string, ids []string) error {
	for some := range slices.Chunk(ids, subscribeAtOnce) {
		err := s.subscription(ctx, method, s.app, some...)
		if err == nil {
			continue
		}
		if !answered(err) {
			return err
		}
		for _, id := range some {
			if err := s.subscription(ctx, method, s.app, id); err != nil && !answered(err) {
				return err
			}
		}
	}
	return nil
}

func (s *Switch) subscription(ctx context.Context, method, app string, ids ...string) error {
	return s.do(ctx, request{
		method: method, path: "/applications/" + url.PathEscape(app) + "/subscription",
		query: url.Values{"eventSource": {"channel:" + strings.Join(ids, ",channel:")}},
	})
}

// claim takes channels, to which we are subscribed, away from the controllers that died,
// and returns those that are ours by it. Another heir may be at the same, when Redis forgot
// whom it had told that it was the heir: Asterisk lets one of them end a subscription, and
// that one has the call. A leg goes with its caller: see others.
func (s *Switch) claim(ctx context.Context, h *heirs, ids []string) (ours []string, err error) {
	var (
		mu      sync.Mutex
		refused []string
		wg      sync.WaitGroup
	)
	slots := make(chan struct{}, claimsAtOnce)
	for _, id := range ids {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			won, e := s.claimOne(ctx, h, id)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case e != nil:
				err = e
			case won || s.ids.isLeg(id):
				ours = append(ours, id)
			default:
				refused = append(refused, id)
			}
		})
	}
	wg.Wait()
	if err != nil {
		return nil, err
	}
	theirs, err := s.elsewhere(ctx, h, refused)
	if err != nil {
		return nil, err
	}
	for _, id := range refused {
		if !theirs[id] { // a claim of ours whose answer was lost, and which was sent again
			ours = append(ours, id)
		}
	}
	slices.Sort(ours)
	return ours, s.subscribe(ctx, http.MethodDelete, slices.Sorted(maps.Keys(theirs)))
}

// claimOne ends the subscriptions that dead controllers have to a channel. There are
// several when one of them died taking it over: then the last by name decides, which every
// heir sees that sees any.
func (s *Switch) claimOne(ctx context.Context, h *heirs, id string) (won bool, err error) {
	won = true // what only we are subscribed to is ours
	for _, app := range slices.Sorted(maps.Keys(h.left)) {
		if !slices.Contains(h.left[app], id) {
			continue
		}
		err := s.subscription(ctx, http.MethodDelete, app, id)
		if err != nil && !answered(err) {
			return false, err
		}
		won = err == nil
	}
	return won, nil
}

// elsewhere is which of the channels another heir has: who claims one is subscribed to it.
func (s *Switch) elsewhere(ctx context.Context, h *heirs, ids []string) (map[string]bool, error) {
	theirs := map[string]bool{}
	if len(ids) == 0 {
		return theirs, nil
	}
	all, err := s.applications(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.Name == s.app || h.inherit(a.Name) {
			continue
		}
		for _, id := range a.Channels {
			if slices.Contains(ids, id) {
				theirs[id] = true
			}
		}
	}
	return theirs, nil
}
