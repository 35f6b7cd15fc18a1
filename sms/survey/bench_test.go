package survey

import (
	"fmt"
	"strconv"
	"testing"
	"time"
)

func BenchmarkWindows(b *testing.B) {
	w := warm(b)
	name := func(i int) Window {
		win := window("s"+strconv.Itoa(i), opened)
		win.Phone = fmt.Sprintf("138%08d", i)
		return win
	}
	b.Run("open", func(b *testing.B) {
		i := 0
		for b.Loop() {
			w.open(b, name(i))
			i++
		}
	})
	b.Run("reply", func(b *testing.B) {
		i := 0
		for b.Loop() {
			w.reply(b, Reply{Phone: name(i).Phone, Text: "2", At: opened})
			i++
		}
	})
	b.Run("settle", func(b *testing.B) {
		w.clock.Set(opened.Add(25 * time.Hour))
		for b.Loop() { // the first does it all
			w.step(b, newRecord())
		}
	})
}
