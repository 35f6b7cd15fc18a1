package main

import (
	"testing"

	"github.com/oklog/ulid/v2"
)

// Every controller gives a channel's call the same id, and no two channels' calls have one.
func TestCallID(t *testing.T) {
	seen := map[string]string{}
	for _, channel := range []string{"asterisk-1795852302.197", "asterisk-2-1795852302.197", "asterisk-1795852302.198", "1795852302.197", "my-own-name-1795852302.197"} {
		id := callID(channel)
		if again := callID(channel); again != id {
			t.Errorf("%s: %s, then %s", channel, id, again)
		}
		if before, ok := seen[id]; ok {
			t.Errorf("%s and %s are both %s", before, channel, id)
		}
		seen[id] = channel
		if u, err := ulid.ParseStrict(id); err != nil || u.Time() != 1795852302000 {
			t.Errorf("%s: %s of %d, %v", channel, id, u.Time(), err)
		}
	}
	for _, odd := range []string{"", "hotline-leg-x", "asterisk-99999999999999.1", "."} {
		if a, b := callID(odd), callID(odd); a == b || len(a) != 26 {
			t.Errorf("%q: %s and %s", odd, a, b)
		}
	}
}
