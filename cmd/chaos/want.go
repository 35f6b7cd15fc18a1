package main

import "time"

// want is what a caller wants of the hotline.
type want struct {
	name    string
	keys    string // pressed in the menu
	reach   []string
	message bool
	stays   time.Duration // once satisfied; 0: to the end of the round
}

// The callers. Somebody who wants nothing stays in the menu.
var wants = []want{
	{name: "menu"},
	{name: "person", keys: "0", reach: []string{"8001", "8002", "8003", "8004", dutyPhone}},
	{name: "message", keys: "4", message: true, reach: []string{dutyPhone}},
	{name: "emergency", keys: "92", reach: []string{"120"}, stays: 2 * time.Second},
	{name: "duty", keys: "5", reach: []string{dutyPhone}},
}

// toneOf is what each of the carrier's lines speaks.
var toneOf = map[string]float64{"8001": 1100, "8002": 1200, "8003": 1300, "8004": 1400, "120": 700, dutyPhone: 2300}
