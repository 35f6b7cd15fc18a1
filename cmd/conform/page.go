package conform

import (
	_ "embed" // page.html
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"
)

//go:embed page.html
var pageText string

// Page writes the report as one HTML file without anything beside it, for people.
func (r Report) Page(w io.Writer, at time.Time) error {
	page, err := template.New("page").Funcs(template.FuncMap{"join": strings.Join}).Parse(pageText)
	if err != nil {
		return fmt.Errorf("the page: %w", err)
	}
	if err := page.Execute(w, struct {
		Report
		At string
	}{r, at.Format("2006-01-02 15:04")}); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}
