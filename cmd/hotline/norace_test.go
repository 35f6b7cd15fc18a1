//go:build !race

package main

// shadow is how many times more memory the race detector lets a process of ours grow by:
// it is not at work.
const shadow = 1
