package dispatch

import (
	"encoding"
	"reflect"
)

// Field is one field that a policy may have, for the reference of them.
type Field struct {
	Path    string // life.extension.max; * stands for any key, [] for each of a list
	Type    string // 整数, 是否, 文字, 列表 ...
	Unit    string // h, min, workday ...; empty: it has none
	Default string // what holds when it is not given
	Meaning string // Chinese
	English string
}

// PolicyFields lists every field of policy.yaml but the texts, in the order of the file. A
// field without a Meaning is one that somebody forgot to describe.
func PolicyFields() []Field {
	var all []Field
	described := map[string]Field{}
	for _, f := range policyFields {
		described[f.Path] = f
	}
	typesOf(reflect.TypeFor[Policy](), "", func(path, kind string) {
		f := described[path]
		f.Path, f.Type = path, kind
		if f.Default == "" && kind != "" {
			f.Default = map[string]string{"整数": "0", "是否": "false", "文字": "空", "时段": "全天", "列表": "空"}[kind]
		}
		all = append(all, f)
	})
	return all
}

// typesOf tells of each field that holds a value.
func typesOf(t reflect.Type, path string, tell func(path, kind string)) {
	text := reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
	switch {
	case t == reflect.TypeFor[Hours]():
		tell(path, "时段")
		return
	case text || t.Kind() == reflect.String:
		tell(path, "文字")
		return
	}
	switch t.Kind() {
	case reflect.Int:
		tell(path, "整数")
	case reflect.Bool:
		tell(path, "是否")
	case reflect.Slice:
		if e := t.Elem(); e.Kind() == reflect.Struct && !readsAsText(e) {
			typesOf(e, path+"[]", tell)
			return
		}
		tell(path, "列表")
	case reflect.Map:
		typesOf(t.Elem(), path+".*", tell)
	case reflect.Struct:
		for i := range t.NumField() {
			name := t.Field(i).Tag.Get("yaml")
			if name == "-" || name == "" || name == "texts" || name == "texts_en" || name == "rule" || name == "rec" {
				continue
			}
			if path != "" {
				name = path + "." + name
			}
			typesOf(t.Field(i).Type, name, tell)
		}
	}
}

func readsAsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}
