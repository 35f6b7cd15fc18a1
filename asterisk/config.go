package asterisk

import (
	"context"
	"log/slog"
	"time"
)

// Config is what a Switch needs to know. URL, User and Password are required.
type Config struct {
	Name           string // among the Asterisks of a Fleet
	URL            string // of Asterisk's HTTP server, "http://127.0.0.1:8088"
	User           string
	Password       string
	App            string        // family of ARI applications; "hotline" by default
	Node           string        // of this controller among several; "main" by default
	Incarnation    string        // of this controller's process, a plain word; random by default
	Clock          Clock         // SystemClock by default
	Log            *slog.Logger  // silent by default
	RequestTimeout time.Duration // of one ARI request; 5 s by default
	// Fallback is the dialplan's context (extension "s") that takes calls this controller
	// cannot serve: while draining, when it stops, after a panic, and those of a controller
	// that died before. "hotline-fallback" by default.
	Fallback string
	// Adopt takes a citizen's call that was up already, because its controller died. note
	// is what is known of it, nil if nothing is. Without Adopt such a call goes to the
	// fallback.
	Adopt func(ctx context.Context, c *Call, note *Note)
	// Inherit reports whether the calls of another controller's application on an Asterisk,
	// by its Name, are ours to take: it is dead, and nobody else takes them. Without it
	// they always are.
	Inherit func(ctx context.Context, app, on string) bool
	// Lost is told of a note whose channel ended while nobody controlled it.
	Lost func(ctx context.Context, note Note)
	// Notebook keeps what others have to know to take our calls over; nil: nothing is kept.
	Notebook Notebook
	// Permit is asked before each request: a controller whose calls others have taken
	// over, because it was thought dead, must not touch them any more. Nil: always.
	Permit func(ctx context.Context) error
	// Apology is said to a caller whose handler panicked, before the fallback takes the call.
	Apology Handler
}

func (c Config) withDefaults() Config {
	if c.App == "" {
		c.App = "hotline"
	}
	if c.Node == "" {
		c.Node = "main"
	}
	if c.Incarnation == "" {
		c.Incarnation = newToken()
	}
	if c.Clock == nil {
		c.Clock = SystemClock{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.RequestTimeout == 0 {
		c.RequestTimeout = 5 * time.Second
	}
	if c.Fallback == "" {
		c.Fallback = "hotline-fallback"
	}
	return c
}
