package dispatch_test

import (
	"slices"
	"strings"

	"hotline/dispatch"
)

// firstFollows: an officer on duty takes a request; it goes from unit to unit, and stays theirs.
// When its citizen has no answer in time, they are told with the unit's people.
func firstFollows(h *hall) {
	h.config.PhoneOf = func(name string) string { return map[string]string{"王建国": officer}[name] }
	h.staffed()
	h.config.Units = append(h.config.Units, dispatch.Unit{ID: "water", Name: "水务局"}, dispatch.Unit{ID: "gas", Name: "燃气办"})
	h.Office = dispatch.NewOffice(h.config)
	o := h.open(func(in *dispatch.Intake) { in.Actor = "duty:王建国" })
	for _, unit := range []string{"water", "gas", "road"} {
		got, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: unit})
		h.ok(err)
		h.same("given to "+unit, []string{got.Unit, got.Owner}, []string{unit, "duty:王建国"})
	}
	h.clock("2026-11-25 00:00:01") // due on Tuesday at 24:00
	h.same("told of it", slices.Contains(h.duty(o.Number), officer) && slices.Contains(h.duty(o.Number), handlerPhone), true)
	h.same("named", strings.HasSuffix(h.words(o.Number, dispatch.OnOverdue)[0], "请首接人duty:王建国向来话人反馈"), true)

	got, err := h.Own(h.ctx(), o.Number, clerk, "duty:李卫东")
	h.ok(err)
	h.same("handed over", got.Owner, "duty:李卫东")
	h.same("which is written down", h.words(o.Number, dispatch.OnOwned), []string{"首问责任人:duty:李卫东,由duty:王建国交接"})
	h.same("by which clause", h.rules(o.Number, dispatch.OnOwned), []string{"ZZ-21"})

	left := h.open(func(in *dispatch.Intake) { in.Actor, in.Channel = "system", dispatch.BySMS })
	h.same("nobody took it", left.Owner, "")
	left, err = h.Dispatch(h.ctx(), left.Number, clerk, dispatch.Giving{Lead: "gas"})
	h.ok(err)
	h.same("the first who does", left.Owner, "agent:8001")
	h.now = h.at("2026-11-25 10:00:00")
	own := h.open(func(in *dispatch.Intake) { in.Actor, in.Unit = "unit:road/张三", "road" })
	h.same("a unit's own", own.Owner, "unit:road/张三")
}
