package main

import (
	"context"

	"hotline/dispatch"
)

// colleague is this controller's office to the others'.
type colleague struct {
	*dispatch.Office
	red *dispatch.RedLight
}

// Hear is part of redisnews.Office. A page that hears of the red button is shown this
// controller's light, which is to know of it before; what the store does not tell now the
// light learns a second later.
func (c colleague) Hear(n dispatch.Notice) {
	if n.Kind == dispatch.NoticeRed {
		_ = c.red.Refresh(context.Background())
	}
	c.Office.Hear(n)
}
