package dispatch

import (
	"slices"
	"strings"
)

// topicRule is the clause by which a topic leads to its unit: the catalogue of matters (ZZ-8).
const topicRule = "ZZ-8"

// topics are those of a unit's that a text speaks of.
func (o *Office) topics(id, text string) []string {
	unit, _ := o.unitOf(id)
	return unit.spoken(text)
}

// spoken are the unit's topics that a text names.
func (u Unit) spoken(text string) []string {
	var found []string
	for _, topic := range u.Topics {
		if topic != "" && strings.Contains(text, topic) && !slices.Contains(found, topic) {
			found = append(found, topic)
		}
	}
	return found
}
