package trade

import (
	"fmt"
	"io/fs"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// section is one list of a YAML file, such as units, or one mapping, such as officers, whose
// entries can be changed one by one. The text of what is not changed stays as it is.
type section struct {
	key     string
	mapping bool
	before  string // the file up to the first entry
	after   string // and from the last one on
	entries []*entry
}

// entry is one of a section.
type entry struct {
	lead    string // blank lines and comments before it
	text    string // whole lines
	id      string // of a mapping: its key
	value   yaml.MapSlice
	changed bool
}

// openSection finds a section. A file without it gets it at its end. The file was read by
// its own strict reader before.
func openSection(src []byte, key string, mapping bool) (*section, error) {
	s := &section{key: key, mapping: mapping}
	text := string(src)
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	f, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	var pairs []*ast.MappingValueNode
	if len(f.Docs) > 0 {
		pairs = pairsOf(f.Docs[0].Body)
	}
	lines := strings.SplitAfter(text, "\n")
	for i, p := range pairs {
		if p.Key.GetToken().Value != key {
			continue
		}
		end := len(lines)
		if i+1 < len(pairs) {
			end = pairs[i+1].Key.GetToken().Position.Line - 1
		}
		return s, s.split(lines, p, end)
	}
	s.before = text + key + ":\n"
	return s, nil
}

func pairsOf(n ast.Node) []*ast.MappingValueNode {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}
	}
	return nil
}

// split takes the section's lines apart.
func (s *section) split(lines []string, p *ast.MappingValueNode, end int) error {
	starts, flow := startsOf(p.Value)
	if flow {
		return fmt.Errorf("%s 写成了一行,请改为每项一行后再导入", s.key)
	}
	if len(starts) == 0 {
		at := p.Key.GetToken().Position.Line
		s.before, s.after = strings.Join(lines[:at-1], "")+s.key+":\n", strings.Join(lines[at:], "")
		return nil
	}
	from := p.Key.GetToken().Position.Line // the line after the key's
	for i, start := range starts {
		stop := end
		if i+1 < len(starts) {
			stop = starts[i+1] - 1
		}
		last := stop
		for last > start && silent(lines[last-1]) {
			last--
		}
		if start <= from || last < start {
			return fmt.Errorf("%s 的第 %d 项不是独立成行,请改写后再导入", s.key, i+1)
		}
		e := &entry{lead: strings.Join(lines[from:start-1], ""), text: strings.Join(lines[start-1:last], "")}
		if err := e.parse(s.mapping); err != nil {
			return fmt.Errorf("%s 的第 %d 项: %w", s.key, i+1, err)
		}
		s.entries = append(s.entries, e)
		from = last
	}
	s.before = strings.Join(lines[:p.Key.GetToken().Position.Line], "")
	s.after = strings.Join(lines[from:], "")
	return nil
}

// startsOf are the lines on which the entries of a list or mapping begin.
func startsOf(n ast.Node) (starts []int, flow bool) {
	switch n := n.(type) {
	case *ast.SequenceNode:
		for _, v := range n.Values {
			t := v.GetToken()
			if pairs := pairsOf(v); len(pairs) > 0 && (t == nil || t.Type != token.MappingStartType) {
				t = pairs[0].Key.GetToken()
			}
			starts = append(starts, t.Position.Line)
		}
		return starts, n.IsFlowStyle && len(starts) > 0
	case *ast.MappingNode, *ast.MappingValueNode:
		for _, p := range pairsOf(n) {
			starts = append(starts, p.Key.GetToken().Position.Line)
		}
		m, ok := n.(*ast.MappingNode)
		return starts, ok && m.IsFlowStyle && len(starts) > 0
	}
	return nil, false
}

// silent says whether a line is blank or a comment.
func silent(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || strings.HasPrefix(line, "#")
}

// parse reads the entry's own text.
func (e *entry) parse(mapping bool) error {
	if mapping {
		var m yaml.MapSlice
		if err := yaml.UnmarshalWithOptions([]byte(e.text), &m, yaml.UseOrderedMap()); err != nil || len(m) != 1 {
			return fmt.Errorf("无法读取: %w", err)
		}
		e.id = fmt.Sprint(m[0].Key)
		e.value, _ = m[0].Value.(yaml.MapSlice)
		return nil
	}
	var l []yaml.MapSlice
	if err := yaml.UnmarshalWithOptions([]byte(e.text), &l, yaml.UseOrderedMap()); err != nil || len(l) != 1 {
		return fmt.Errorf("无法读取: %w", err)
	}
	e.value = l[0]
	return nil
}

// get is a value of the entry; nil if it has none.
func (e *entry) get(name string) any {
	for _, item := range e.value {
		if item.Key == name {
			return item.Value
		}
	}
	return nil
}

// words is a value as one text: of a list its parts separated by commas.
func (e *entry) words(name string) string {
	switch v := e.get(name).(type) {
	case nil:
		return ""
	case []any:
		var parts []string
		for _, p := range v {
			parts = append(parts, fmt.Sprint(p))
		}
		return strings.Join(parts, ",")
	default:
		return fmt.Sprint(v)
	}
}

// set gives the entry a value; an empty one is taken out. What is there like this already
// changes nothing.
func (e *entry) set(name string, value any) {
	empty := value == "" || value == false
	if l, ok := value.([]any); ok {
		empty = len(l) == 0
	}
	for i, item := range e.value {
		if item.Key != name {
			continue
		}
		switch {
		case empty:
			e.value = append(append(yaml.MapSlice{}, e.value[:i]...), e.value[i+1:]...)
			e.changed = true
		case fmt.Sprint(item.Value) != fmt.Sprint(value): // a number without quotes is as good
			e.value[i].Value, e.changed = value, true
		}
		return
	}
	if !empty {
		e.value, e.changed = append(e.value, yaml.MapItem{Key: name, Value: value}), true
	}
}

// render writes a changed entry anew, on one line, with the comments it had.
func (e *entry) render(mapping bool) (string, error) {
	if !e.changed {
		return e.text, nil
	}
	out, err := yaml.MarshalWithOptions(e.value, yaml.Flow(true))
	if err != nil {
		return "", fmt.Errorf("write %s: %w", e.id, err)
	}
	indent := e.text[:len(e.text)-len(strings.TrimLeft(e.text, " "))]
	if e.text == "" {
		indent = "  "
	}
	head := "- "
	if mapping {
		head = e.id + ": "
	}
	var comments, tail string
	for _, t := range lexer.Tokenize(e.text) {
		if t.Type != token.CommentType {
			continue
		}
		if strings.Count(strings.TrimRight(e.text, "\n"), "\n") == 0 {
			tail += "  #" + strings.TrimRight(t.Value, "\n")
			continue
		}
		comments += indent + "#" + strings.TrimRight(t.Value, "\n") + "\n"
	}
	return comments + indent + head + strings.TrimRight(string(out), "\n") + tail + "\n", nil
}

// bytes is the file with the section as it is now.
func (s *section) bytes() ([]byte, error) {
	var b strings.Builder
	b.WriteString(s.before)
	for _, e := range s.entries {
		text, err := e.render(s.mapping)
		if err != nil {
			return nil, err
		}
		b.WriteString(e.lead)
		b.WriteString(text)
	}
	b.WriteString(s.after)
	return []byte(b.String()), s.kept([]byte(b.String()))
}

// kept makes sure that what is to be written says what it should, before it is.
func (s *section) kept(src []byte) error {
	again, err := openSection(src, s.key, s.mapping)
	if err != nil {
		return err
	}
	same := len(again.entries) == len(s.entries)
	for i := 0; same && i < len(s.entries); i++ {
		a, b := again.entries[i], s.entries[i]
		same = a.id == b.id && reflect.DeepEqual(a.value, b.value)
	}
	if !same {
		return fmt.Errorf("%s 改写后与原意不符,未写入;请手工改写文件", s.key)
	}
	return nil
}

// oneFile is a folder of one file, for readers that want a folder.
type oneFile struct {
	name string
	src  []byte
}

// Open says that there is nothing to be opened but by ReadFile.
func (f oneFile) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadFile gives the file.
func (f oneFile) ReadFile(name string) ([]byte, error) {
	if name != f.name {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return f.src, nil
}
