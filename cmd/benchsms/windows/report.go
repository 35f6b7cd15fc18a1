package windows

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Aim is a number to reach.
type Aim struct {
	What, Want, Got string
	Reached         bool
}

// spread is a figure's median with lowest and highest.
func spread(cells []Cell, format string, figure func(Cell) float64) (median float64, text string) {
	var v []float64
	for _, c := range cells {
		v = append(v, figure(c))
	}
	if len(v) == 0 {
		return 0, "–"
	}
	slices.Sort(v)
	median = v[(len(v)-1)/2]
	if len(v) == 1 {
		return median, fmt.Sprintf(format, median)
	}
	return median, fmt.Sprintf(format+" ("+format+" – "+format+")", median, v[0], v[len(v)-1])
}

func million(cells []Cell) []Cell {
	return slices.DeleteFunc(slices.Clone(cells), func(c Cell) bool { return c.Store != listName })
}

// Aims holds the cells of a million against the numbers to reach.
func Aims(cells []Cell) []Aim {
	cells = million(cells)
	if len(cells) == 0 {
		return nil
	}
	n := cells[0].Windows
	bytes, bytesText := spread(cells, "%.0f", func(c Cell) float64 { return c.Bytes })
	opens, opensText := spread(cells, "%.0f", func(c Cell) float64 { return c.Opens })
	replies, repliesText := spread(cells, "%.0f", func(c Cell) float64 { return c.Replies })
	settled, settledText := spread(cells, "%.1f s", func(c Cell) float64 { return c.Settled.Seconds() })
	rebuilt, rebuiltText := spread(cells, "%.1f s", func(c Cell) float64 { return c.Rebuilt.Seconds() })
	once, back, early, twice := true, true, 0, 0
	for _, c := range cells {
		once, back = once && c.SettledOf == c.Due, back && c.Back == c.Due
		early, twice = early+c.Early, twice+c.MoreOften
	}
	within := func(seconds float64) bool { return seconds <= time.Minute.Seconds() }
	return []Aim{
		{fmt.Sprintf("memory of an open window, %d open", n), "≤ 400 bytes of Redis", bytesText, bytes <= 400},
		{"windows opened a second", "≥ 20,000", opensText, opens >= 20_000},
		{"replies judged a second", "≥ 20,000", repliesText, replies >= 20_000},
		{fmt.Sprintf("%d over at once, 3 controllers", cells[0].Due), "all settled within 60 s, each once",
			fmt.Sprintf("%s; offered to SQL more than once: %d", settledText, twice), once && within(settled)},
		{fmt.Sprintf("Redis flushed with %d open", cells[0].Due), "all back within 60 s, none settled early",
			fmt.Sprintf("%s; early: %d", rebuiltText, early), back && early == 0 && within(rebuilt)},
	}
}

// Report is what a report says of the cells, below a heading of its own.
func Report(cells []Cell) string {
	if len(cells) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n## Survey windows in Redis\n\n| beneath | windows | bytes each | opens/s | replies/s | back after FLUSHALL | settled, 3 controllers | a second |\n" +
		"|---|---|---|---|---|---|---|---|\n")
	row := func(cells []Cell) {
		c := cells[0]
		_, bytes := spread(cells, "%.0f", func(c Cell) float64 { return c.Bytes })
		_, opens := spread(cells, "%.0f", func(c Cell) float64 { return c.Opens })
		_, replies := spread(cells, "%.0f", func(c Cell) float64 { return c.Replies })
		if c.Store != listName {
			bytes, opens, replies = "–", "–", "–"
		}
		_, rebuilt := spread(cells, "%.1f s", func(c Cell) float64 { return c.Rebuilt.Seconds() })
		_, settled := spread(cells, "%.1f s", func(c Cell) float64 { return c.Settled.Seconds() })
		_, rate := spread(cells, "%.0f", func(c Cell) float64 { return float64(c.SettledOf) / c.Settled.Seconds() })
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s | %d in %s | %d in %s | %s |\n", c.Store, c.Windows, bytes, opens, replies, c.Back, rebuilt, c.SettledOf, settled, rate)
	}
	if all := million(cells); len(all) > 0 {
		row(all)
	}
	for _, c := range cells {
		if c.Store != listName {
			row([]Cell{c})
		}
	}
	b.WriteString(`
Redis runs on loopback with an append-only file. Windows open and are answered (every fifth) by the functions that the
program uses, 256 at a time through go-redis's pipelining client. Three controllers are processes of their own. With a
list of ids beneath SQL's part costs nothing; with SQLite and PostgreSQL each settlement ends a survey, writes two lines
of its order's timeline and archives the order, up to 200 in one transaction.
`)
	return b.String()
}
