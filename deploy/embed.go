// Package deploy carries what a hotline is configured with: its calendar, its
// hotlines and its prompts, embedded so that the one binary runs without them on
// disk. Everything here is data; a folder on disk of the same shape may replace it.
package deploy

import "embed"

// Files holds calendar/, hotlines/ and prompts/.
//
//go:embed calendar hotlines prompts
var Files embed.FS
