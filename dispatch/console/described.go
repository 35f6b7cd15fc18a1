package console

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"hotline/dispatch"
)

// Command is one operation on an order, as the description tells it: the command line and
// the pages are made of these, not of a copy.
type Command struct {
	Title   string           // 派发, for a button
	Name    string           // the last part of its address: "return/allow"
	Summary string           // what it does, with its clauses
	States  []dispatch.State // in which an order takes it; empty: in any
	Fields  []Field          // of its body, by name
}

// Field is one field of a command's body.
type Field struct {
	Name     string
	Kind     string // string, integer, boolean, array (of strings), date-time, byte (base64)
	About    string // in Chinese
	Required bool
	Enum     []string
}

// commandPath is how the addresses of commands begin.
const commandPath = "/orders/{number}/"

// Commands are all commands of orders, by name, and the registration of a new one, whose
// name is empty.
func Commands() []Command {
	type op struct {
		Summary string
		Title   string           `json:"x-title"`
		States  []dispatch.State `json:"x-states"`
		Body    struct {
			Content map[string]struct{ Schema bodySchema }
		} `json:"requestBody"`
	}
	var d struct{ Paths map[string]map[string]op }
	if err := json.Unmarshal(description, &d); err != nil {
		panic(err) // a test reads it too
	}
	var all []Command
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		name, ok := strings.CutPrefix(path+"/", commandPath)
		post, has := d.Paths[path]["post"]
		if !has || !ok && path != "/orders" {
			continue
		}
		if path == "/orders" {
			name = ""
		}
		c := Command{Title: post.Title, Name: strings.TrimSuffix(name, "/"), Summary: post.Summary, States: post.States}
		all = append(all, post.Body.Content["application/json"].Schema.into(c))
	}
	return all
}

// bodySchema is a schema as far as commands use any of it.
type bodySchema struct {
	Type        string
	Description string
	Format      string
	Enum        []string
	Required    []string
	Properties  map[string]bodySchema
}

// into adds a body's fields to its command.
func (d bodySchema) into(c Command) Command {
	for _, name := range slices.Sorted(maps.Keys(d.Properties)) {
		p := d.Properties[name]
		f := Field{Name: name, Kind: p.Type, About: p.Description, Enum: p.Enum, Required: slices.Contains(d.Required, name)}
		if p.Format != "" {
			f.Kind = p.Format
		}
		c.Fields = append(c.Fields, f)
	}
	return c
}
