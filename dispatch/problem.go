package dispatch

import "hotline/deploy/fault"

// Problem is one fault in a policy or roster file and the place it was found (D9).
type Problem = fault.Problem

// Problems is everything wrong with a file, found in one go.
type Problems = fault.Problems
