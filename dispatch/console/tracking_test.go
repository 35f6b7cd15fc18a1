package console_test

import (
	"slices"
	"testing"
	"time"
)

// TestZZ_3_2_EveryOrderGivenOutIsFollowed: one that is overdue, one that is nearly due and one
// that is not signed are seen as such, the most pressing first; of each it can be read when it
// was given out and signed, and how often its unit was urged.
func TestZZ_3_2_EveryOrderGivenOutIsFollowed(t *testing.T) {
	b := newBench(t)
	var numbers []string
	for i, signs := range []bool{true, true, false} { // Monday to Wednesday, each due two working days on
		c := b.as("clerk" + string(rune('a'+i)))
		number := c.newOrder()
		c.post("/orders/"+number+"/dispatch", map[string]any{"lead": "water"}).want(t, 200)
		if signs {
			c.post("/orders/"+number+"/sign", map[string]any{}).want(t, 200)
		}
		numbers = append(numbers, number)
		b.clock.Advance(24 * time.Hour)
	}
	_, err := b.office.SweepOrders(t.Context()) // Thursday at 10:00
	must(t, err)
	c := b.as("chief")
	c.newOrder() // one that no unit has is on nobody's list
	var list struct {
		Items []struct{ Number, Standing, State string }
	}
	c.get("/work?unit=water").into(t, &list)
	var got []string
	for _, o := range list.Items {
		got = append(got, o.Number+" "+o.Standing)
	}
	if want := []string{numbers[0] + " overdue", numbers[1] + " due_soon", numbers[2] + " unsigned"}; !slices.Equal(got, want) {
		t.Errorf("the list is %v, want %v", got, want)
	}
	c.get("/orders/"+numbers[0]+"/assignments").want(t, 200, `"dispatched_at":"2026-11-23T02:00:00Z"`, `"signed_at":"2026-11-23T02:00:00Z"`, `"submitted_at":null`)
	c.get("/orders/"+numbers[2]+"/assignments").want(t, 200, `"signed_at":null`)
	c.get("/acts?order="+numbers[0]).want(t, 200, `"kind":"urge"`, `"serial":"`+numbers[0]+`催1"`, `"kind":"overdue"`)
	c.get("/orders?limit=1").want(t, 200, `"standing":""`)
}
