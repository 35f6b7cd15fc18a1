package asterisk

// InUse is how many connections wait for an answer.
func (s *Switch) InUse() int { return s.client.busy() }
