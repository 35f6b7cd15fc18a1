package trade

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/goccy/go-yaml"

	"hotline/dispatch"
)

// Export writes units, handlers, officers or the roster as a table that an import takes.
func (f Folder) Export(w io.Writer, kind Kind, format string) error {
	file, ok := files[kind]
	if !ok {
		return fmt.Errorf("export %q of a folder: %w", kind, dispatch.ErrInvalid)
	}
	src, err := fs.ReadFile(f.FS, file.name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("export %s: %w", kind, err)
	}
	rows := [][]string{header(kind)}
	put := func(e *entry) { rows = append(rows, e.cells(kind)) }
	switch kind {
	case Units:
		err = eachOf(src, "units", false, put)
	case Handlers:
		err = eachOf(src, "units", false, func(e *entry) {
			people, _ := e.get("handlers").([]any)
			for _, p := range people {
				m, _ := p.(yaml.MapSlice)
				put(&entry{value: append(yaml.MapSlice{{Key: "unit", Value: e.get("id")}}, m...)})
			}
		})
	case Officers:
		err = eachOf(src, "officers", true, func(e *entry) {
			put(&entry{value: append(yaml.MapSlice{{Key: "id", Value: e.id}}, e.value...)})
		})
	case Roster:
		err = errors.Join(eachOf(src, "weekly", false, put), eachOf(src, "overrides", false, put))
	}
	if err != nil {
		return fmt.Errorf("export %s: %w", kind, err)
	}
	return Write(w, format, all(rows))
}

// Template writes the empty table of a kind: its header.
func Template(w io.Writer, kind Kind, format string) error {
	return Write(w, format, all([][]string{header(kind)}))
}

func header(kind Kind) (names []string) {
	for _, c := range columns[kind] {
		names = append(names, c.words)
	}
	return names
}

func eachOf(src []byte, key string, mapping bool, do func(*entry)) error {
	s, err := openSection(src, key, mapping)
	if err != nil {
		return err
	}
	for _, e := range s.entries {
		do(e)
	}
	return nil
}

// cells are an entry's, as people write them.
func (e *entry) cells(kind Kind) []string {
	var cells []string
	for _, c := range columns[kind] {
		w := e.words(c.id)
		switch c.id {
		case "head":
			w = map[string]string{"true": "是"}[w]
		case "days":
			for i, id := range dayIDs {
				w = strings.ReplaceAll(w, id, "周"+dayWords[i*len("一"):(i+1)*len("一")])
			}
			w = strings.ReplaceAll(w, ",", "、")
		case "topics", "duty", "backup", "leader":
			w = strings.ReplaceAll(w, ",", "、")
		}
		cells = append(cells, w)
	}
	return cells
}
