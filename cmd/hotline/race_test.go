//go:build race

package main

// shadow is how many times more memory the race detector lets a process of ours grow by:
// it keeps a history of every word and gives none of it back.
const shadow = 4
