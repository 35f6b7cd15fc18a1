package dispatch

import "strings"

// firstOwner is who took a request, if a person did (SQ-4.3): an agent, an officer on duty, or
// somebody of a unit who was called there (ZZ-14.1, ZZ-21).
func firstOwner(actor string) string {
	for _, who := range []string{"agent:", "duty:", "unit:"} {
		if strings.HasPrefix(actor, who) {
			return actor
		}
	}
	return ""
}

// ownerPhone is the phone of who took a request first: an officer's of the roster, or that of one
// of a unit's people, who are called by name. Empty: none is known, as of most agents, who see the
// order overdue on their screen.
func (o *Office) ownerPhone(actor string) string {
	kind, name, _ := strings.Cut(actor, ":")
	if kind != "unit" {
		return o.phoneOf(name)
	}
	id, name, _ := strings.Cut(name, "/")
	unit, _ := o.unitOf(id)
	for _, h := range unit.Handlers {
		if h.ID == name || h.Name == name {
			return h.Mobile
		}
	}
	return ""
}
