package ivr

// hoursNode asks whether people answer now, by the profile's hours (ZZ-20.1).
//
//	reception: {verb: hours, open: desk, closed: duty}
type hoursNode struct{ open, closed Exit }

func readHours(o *object) verb {
	return &hoursNode{open: o.exit("open", "工作时间"), closed: o.exit("closed", "非工作时间")}
}

func (n *hoursNode) exits() []Exit     { return present(n.open, n.closed) }
func (n *hoursNode) prompts() []string { return nil }

func (n *hoursNode) run(v *visit) (string, error) {
	open, why := v.r.cfg.Profile.Hours.Open(v.r.cfg.Clock.Now())
	v.step("hours", why)
	if open {
		return n.open.To, nil
	}
	return n.closed.To, nil
}
