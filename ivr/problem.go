package ivr

import "hotline/deploy/fault"

// Problem is one fault in a flow or a profile, with the place it was found (D9).
type Problem = fault.Problem

// Problems is everything wrong with a configuration, found in one go.
type Problems = fault.Problems
