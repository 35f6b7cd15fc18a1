package cmpp

import (
	"strconv"
	"time"
)

// MsgID is what a gateway calls a text: month, day, hour, minute and second in the upper
// 26 bits, then 22 of the gateway's number and 16 of a counter.
type MsgID uint64

// String is the canonical form: decimal.
func (id MsgID) String() string { return strconv.FormatUint(uint64(id), 10) }

// NewMsgID makes an id of a time on the gateway's clock; below is its other 38 bits.
func NewMsgID(at time.Time, below uint64) MsgID {
	stamp := uint64(at.Month())<<22 | uint64(at.Day())<<17 | uint64(at.Hour())<<12 | uint64(at.Minute())<<6 | uint64(at.Second())
	return MsgID(stamp<<38 | below&(1<<38-1))
}

// Time is when the gateway gave the id, on a clock in zone. An id has no year: it is taken
// in the one nearest to near. Zero if the id holds no time.
func (id MsgID) Time(near time.Time, zone *time.Location) time.Time {
	month, day := int(id>>60), int(id>>55&31)
	hour, minute, second := int(id>>50&31), int(id>>44&63), int(id>>38&63)
	var best time.Time
	for year := near.In(zone).Year() - 1; year <= near.In(zone).Year()+1; year++ {
		t := time.Date(year, time.Month(month), day, hour, minute, second, 0, zone)
		if int(t.Month()) != month || t.Day() != day || t.Hour() != hour || t.Minute() != minute || t.Second() != second {
			continue // no such date or time
		}
		if best.IsZero() || t.Sub(near).Abs() < best.Sub(near).Abs() {
			best = t
		}
	}
	return best
}
