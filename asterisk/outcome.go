package asterisk

// outcome reads a failed leg's SIP status, and its hang-up cause where there is none. A
// mobile network says 480 for "switched off" and for "rejected by hand"; only after
// ringing can it have been a hand. So with 403, by which carriers refuse us.
func outcome(d Dialed, rang bool) DialOutcome {
	switch d.Status {
	case 486, 600:
		return Busy
	case 603:
		return Declined
	case 403, 480:
		if rang {
			return Declined
		}
		return Unreachable
	case 408, 487, 504:
		if rang {
			return NoAnswer
		}
		return Unreachable
	case 0:
		return outcomeOfCause(d.Cause, rang)
	}
	return Unreachable
}

// outcomeOfCause reads the Q.850 cause of a leg that told no SIP status.
func outcomeOfCause(cause int, rang bool) DialOutcome {
	switch cause {
	case 17:
		return Busy
	case 21:
		return Declined
	case 16, 18, 19:
		if rang {
			return NoAnswer
		}
	}
	return Unreachable
}
