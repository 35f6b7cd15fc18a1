package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"hotline/dispatch"
)

// CalendarYear is one year of the working calendar, as the console shows it: the edition
// that is in force.
type CalendarYear struct {
	Year     int       `json:"year"`
	Edition  int       `json:"edition"`
	Workdays int       `json:"workdays"`
	Notices  []string  `json:"notices"` // of the State Council, that it follows
	At       time.Time `json:"at"`      // when it came
	By       string    `json:"by"`      // who brought it
}

// Calendar is the working calendar that all controllers share. Errors are those of
// dispatch: ErrInvalid with a text that may be shown.
type Calendar interface {
	Years(ctx context.Context) ([]CalendarYear, error)
	// Load brings the file of one year, which names its own: what is open is counted again.
	Load(ctx context.Context, by string, file string) error
	// Reload reads the controller's own folder again.
	Reload(ctx context.Context, by string) error
}

// noCalendar is the answer where there is none.
var noCalendar = problem{Status: http.StatusNotFound, Detail: "没有工作日历"}

// calendar lists the years.
func (c *Console) calendar(w http.ResponseWriter, r request) error {
	if c.cfg.Calendar == nil {
		return noCalendar
	}
	years, err := c.cfg.Calendar.Years(r.Context())
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, struct {
		Items []CalendarYear `json:"items"`
	}{append([]CalendarYear{}, years...)})
}

// loadCalendar takes the file of a year (T9, T10).
func (c *Console) loadCalendar(w http.ResponseWriter, r request) error {
	var in struct {
		File string `json:"file"`
	}
	if err := receive(w, r, &in); err != nil {
		return err
	}
	return c.changeCalendar(w, r, func(by string) error { return c.cfg.Calendar.Load(r.Context(), by, in.File) })
}

// reloadCalendar has the controller read its folder again.
func (c *Console) reloadCalendar(w http.ResponseWriter, r request) error {
	if err := receive(w, r, &struct{}{}); err != nil {
		return err
	}
	return c.changeCalendar(w, r, func(by string) error { return c.cfg.Calendar.Reload(r.Context(), by) })
}

func (c *Console) changeCalendar(w http.ResponseWriter, r request, change func(by string) error) error {
	if c.cfg.Calendar == nil {
		return noCalendar
	}
	err := change(r.actor())
	if errors.Is(err, dispatch.ErrInvalid) {
		return problem{Status: http.StatusUnprocessableEntity, Detail: fmt.Sprintf("日历文件有误: %v [T9]", err), Cause: err}
	}
	if err != nil {
		return err
	}
	c.cfg.Log.InfoContext(r.Context(), "calendar loaded", "by", r.who.Account.Name)
	return c.calendar(w, r)
}
