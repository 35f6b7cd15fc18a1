package sms

import (
	"testing"
	"time"
)

func TestTallyIsOfTheLastMinute(t *testing.T) {
	var c tally
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		after time.Duration
		add   int
		want  int
	}{
		{0, 2, 2}, {0, 3, 5}, {30 * time.Second, 1, 6}, {59 * time.Second, 0, 6}, {60 * time.Second, 0, 1},
		{90 * time.Second, 4, 4}, {89 * time.Second, 1, 1}, {time.Hour, 7, 7}, {2 * time.Hour, 0, 0},
	} {
		c.add(noon.Add(step.after), step.add)
		if got := c.lastMinute(noon.Add(step.after)); got != step.want {
			t.Errorf("after %s: %d, want %d", step.after, got, step.want)
		}
	}
}
