package sms

import (
	"fmt"
	"slices"
	"strings"
)

// Class is how pressing a kind of text is. It decides who goes first and which links may
// carry it (see [Route]).
type Class int

// The classes, the most pressing first.
const (
	ClassUrgent       Class = iota // to officers on duty: goes at any hour and never waits for others
	ClassNotification              // what a citizen was promised: receipts, results, notices
	ClassSurvey                    // the question, in its hours (ZQ-15.1)
	ClassBulk                      // many at once, when nothing else waits
)

// classNames are what configurations call them.
var classNames = []string{"urgent", "notification", "survey", "bulk"}

// Classes are the names of all classes, the most pressing first.
func Classes() []string { return slices.Clone(classNames) }

// String is the class's name.
func (c Class) String() string {
	if c < 0 || int(c) >= len(classNames) {
		return fmt.Sprintf("class %d", int(c))
	}
	return classNames[c]
}

// UnmarshalText reads a class's name.
func (c *Class) UnmarshalText(b []byte) error {
	i := slices.Index(classNames, string(b))
	if i < 0 {
		return fmt.Errorf("%q is no class: %s", b, strings.Join(classNames, ", "))
	}
	*c = Class(i)
	return nil
}

// Class is the class of a kind; one that is not known is a notification.
func (k Kind) Class() Class {
	switch k {
	case KindDuty:
		return ClassUrgent
	case KindSurvey:
		return ClassSurvey
	case KindBulk:
		return ClassBulk
	}
	return ClassNotification
}

// lanes is how many priorities a class has.
const lanes = 10

// Lane is the row a text waits in: first its class, then its priority within it, from 0 to
// 9. Rows are emptied one after the other, each in the order in which its texts fell due.
func (m Message) Lane() int {
	return int(m.Kind.Class())*lanes + min(max(m.Priority, 0), lanes-1)
}

// UrgentLanes is where the rows of the urgent class end.
const UrgentLanes = lanes
