// Package deploy carries what a hotline is configured with: its calendar, its
// hotlines and its prompts, embedded so that the one binary runs without them on
// disk. Everything here is data; a folder on disk of the same shape may replace it.
package deploy

import "embed"

// Files holds calendar/, hotlines/, prompts/, and rules.yaml: the list of what the five
// regulations ask, which `hotline conformance` holds the tests against.
//
//go:embed calendar hotlines prompts rules.yaml
var Files embed.FS
