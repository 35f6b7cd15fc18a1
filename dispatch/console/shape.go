package console

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// shape is what openapi.json promises of a value beyond its kind: the description is not
// only told, it is kept.
type shape struct {
	Ref        string           `json:"$ref"`
	Enum       []any            `json:"enum"`
	Format     string           `json:"format"` // date-time is the only one in use
	Minimum    *float64         `json:"minimum"`
	Maximum    *float64         `json:"maximum"`
	MinLength  int              `json:"minLength"` // of what is not blank
	MaxLength  int              `json:"maxLength"` // in characters
	Properties map[string]shape `json:"properties"`
	Required   []string         `json:"required"`
	Items      *shape           `json:"items"`
}

// shapes are those of the bodies of all commands, by method and path.
type shapes struct {
	bodies map[string]shape
	named  map[string]shape
}

// readShapes takes them from the description, which is compiled in.
func readShapes() shapes {
	var d struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct{ Schema shape }
			}
		}
		Components struct{ Schemas map[string]shape }
	}
	if err := json.Unmarshal(description, &d); err != nil {
		panic(err) // a test reads it too
	}
	all := shapes{bodies: map[string]shape{}, named: d.Components.Schemas}
	for path, methods := range d.Paths {
		for method, op := range methods {
			if body, ok := op.RequestBody.Content["application/json"]; ok {
				all.bodies[strings.ToUpper(method)+" /api/v1"+path] = body.Schema
			}
		}
	}
	return all
}

// check says what in a body is not as it is described: the first fault, by the field's name.
// Kinds are checked where the body is read into its struct.
func (s shapes) check(route string, body []byte) error {
	want, ok := s.bodies[route]
	if !ok {
		return nil
	}
	var got any
	if err := json.Unmarshal(body, &got); err != nil {
		return malformed(err)
	}
	return s.fits(want, got, "")
}

func (s shapes) fits(want shape, got any, field string) error {
	if name, ok := strings.CutPrefix(want.Ref, "#/components/schemas/"); ok {
		want = s.named[name]
	}
	if len(want.Enum) > 0 && !slices.Contains(want.Enum, got) {
		return unfit(field, "只能是 "+strings.Trim(fmt.Sprint(want.Enum), "[]")+" 之一")
	}
	if text, _ := got.(string); want.Format == "date-time" {
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return unfit(field, "不是 2026-11-28T10:00:00+08:00 这样的时间")
		}
	}
	switch got := got.(type) {
	case map[string]any:
		return s.fitsObject(want, got, field)
	case []any:
		for i, v := range got {
			if want.Items == nil {
				break
			}
			if err := s.fits(*want.Items, v, fmt.Sprintf("%s[%d]", field, i)); err != nil {
				return err
			}
		}
	case string:
		n := utf8.RuneCountInString(got)
		if want.MaxLength > 0 && n > want.MaxLength {
			return unfit(field, fmt.Sprintf("最多 %d 个字,现有 %d 个", want.MaxLength, n))
		}
		if utf8.RuneCountInString(strings.TrimSpace(got)) < want.MinLength {
			return unfit(field, "不能为空")
		}
	case float64:
		if want.Minimum != nil && got < *want.Minimum || want.Maximum != nil && got > *want.Maximum {
			return unfit(field, "超出范围")
		}
	}
	return nil
}

// fitsObject checks an object's fields in the order of their names. A field that is null is
// as one that is missing.
func (s shapes) fitsObject(want shape, got map[string]any, field string) error {
	for _, name := range want.Required {
		if got[name] == nil {
			return unfit(inside(field, name), "缺少此项")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		p, known := want.Properties[name]
		if !known && len(want.Properties) > 0 {
			return problem{Status: http.StatusBadRequest, Detail: inside(field, name) + ":没有此项", Field: inside(field, name)}
		}
		if got[name] == nil {
			continue
		}
		if err := s.fits(p, got[name], inside(field, name)); err != nil {
			return err
		}
	}
	return nil
}

// inside is the name of a field of a field: exception.rule.
func inside(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}

// unfit is the refusal of a field.
func unfit(field, why string) error {
	return invalid(field, field+":"+why)
}
