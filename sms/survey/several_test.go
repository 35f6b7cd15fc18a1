package survey

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// TestThreeControllers_ZQ15_2 has three of them on one Redis: each hears every answer and
// polls every window, Redis loses everything in between, and each
// survey ends once, as the citizen said.
func TestThreeControllers_ZQ15_2(t *testing.T) {
	first := warm(t)
	all := []bench{first}
	for range 2 {
		all = append(all, bench{first.another(t, first.server.Client()), first.server, first.clock, first.texts})
	}
	const surveys, answered = 30, 20
	rec := newRecord()
	var opening sync.WaitGroup
	for n := range surveys {
		win := window(fmt.Sprintf("s%02d", n), opened)
		win.Phone = fmt.Sprintf("138000000%02d", n)
		rec.windows = append(rec.windows, win)
		for _, b := range all { // a receipt may come to all of them
			opening.Go(func() { b.open(t, win) })
		}
	}
	opening.Wait()

	var answering sync.WaitGroup
	for n := range answered {
		win := rec.windows[n]
		for _, b := range all {
			answering.Go(func() {
				v := b.reply(t, Reply{TextID: win.ID, Phone: win.Phone, Text: "1", At: opened.Add(time.Hour)})
				if v.Kind != Rated || v.Rating != 1 {
					t.Errorf("%s: %+v", win.ID, v)
				}
				rec.rate(t.Context(), v)
			})
		}
	}
	answering.Wait()
	for range answered {
		<-rec.got
	}
	first.server.FlushAll()
	for _, b := range all {
		b.run(t, rec)
	}
	ended := map[string]int{}
	for range surveys - answered {
		s := first.settled(t, rec)
		if ended[s.SurveyID]++; s.Outcome != OutcomeUnrated {
			t.Errorf("%+v", s)
		}
	}
	for id, n := range ended {
		if n != 1 {
			t.Errorf("%s ended %d times", id, n)
		}
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	for _, s := range rec.settled {
		if rated := s.SurveyID < fmt.Sprintf("s%02d", answered); rated != (s.Outcome == OutcomeRated) {
			t.Errorf("%+v", s)
		}
	}
	if len(rec.settled) != surveys {
		t.Errorf("%d ended", len(rec.settled))
	}
}
