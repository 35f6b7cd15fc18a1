package main

import "sync"

// crowd is the calls of a round. Safe for concurrent use.
type crowd struct {
	mu    sync.Mutex
	calls []*call
	going sync.WaitGroup
}

func (k *crowd) add(calls ...*call) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls = append(k.calls, calls...)
}
