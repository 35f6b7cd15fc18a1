package conf

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

//go:embed templates/*.conf
var templates embed.FS

// folders are the run-time folders below Config.Dir.
var folders = []string{"etc", "lib", "db", "keys/keys", "agi", "spool/fallback", "run", "log/cdr-custom", "log/cel-custom"}

// Main is the file to start Asterisk with: asterisk -C Main(dir).
func Main(dir string) string { return filepath.Join(dir, "etc", "asterisk.conf") }

// EventsOf is the file of channel events of the Asterisk rendered below dir: lines of quoted
// type, time (seconds since 1970), channel id, id of the first channel of the same call,
// caller's number and channel name, separated by commas.
func EventsOf(dir string) string { return filepath.Join(dir, "log", "cel-custom", "events.csv") }

// Render checks c and writes every file below c.Dir/etc, replacing what was there,
// and makes the run-time folders. It reports all problems of c at once and then
// writes nothing. The files hold passwords and are readable by their owner only.
func Render(c Config) error {
	c = Defaults(c)
	if err := c.validate(); err != nil {
		return fmt.Errorf("asterisk configuration: %w", err)
	}
	for _, f := range folders {
		if err := os.MkdirAll(filepath.Join(c.Dir, f), 0o755); err != nil {
			return fmt.Errorf("asterisk folders: %w", err)
		}
	}
	if err := c.placeRecordings(); err != nil {
		return fmt.Errorf("asterisk recordings: %w", err)
	}
	if err := c.placeData(); err != nil {
		return fmt.Errorf("asterisk data: %w", err)
	}
	t, err := template.New("").Funcs(functions).ParseFS(templates, "templates/*.conf")
	if err != nil {
		return fmt.Errorf("asterisk templates: %w", err)
	}
	for _, file := range t.Templates() {
		if file.Name() == "" {
			continue
		}
		if err := write(file, c); err != nil {
			return err
		}
	}
	return nil
}

// placeRecordings makes the folder Asterisk records into, or leads from there to the one
// that several share. Recordings that lie in the way are not touched.
func (c Config) placeRecordings() error {
	place := filepath.Join(c.Dir, "spool", "recording")
	if to, err := os.Readlink(place); err == nil && to != c.Recordings {
		if err := os.Remove(place); err != nil {
			return err
		}
	}
	if c.Recordings == "" {
		return os.MkdirAll(place, 0o755)
	}
	if err := os.MkdirAll(c.Recordings, 0o755); err != nil {
		return err
	}
	if _, err := os.Readlink(place); err == nil {
		return nil
	}
	if err := os.Remove(place); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("move what is in %s to %s first: %w", place, c.Recordings, err)
	}
	return os.Symlink(c.Recordings, place)
}

// NameOf is the name of the Asterisk rendered below dir, "" when it has none or there is
// none.
func NameOf(dir string) string {
	b, err := os.ReadFile(Main(dir))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if name, ok := strings.CutPrefix(line, "systemname = "); ok {
			return strings.TrimSpace(name)
		}
	}
	return ""
}

func write(t *template.Template, c Config) error {
	var b bytes.Buffer
	if err := t.Execute(&b, c); err != nil {
		return fmt.Errorf("render %s: %w", t.Name(), err)
	}
	path := filepath.Join(c.Dir, "etc", t.Name())
	if err := os.WriteFile(path+".new", b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", t.Name(), err)
	}
	return os.Rename(path+".new", path)
}

var functions = template.FuncMap{
	"dials":    splitDials,
	"keys":     func(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) },
	"host":     func(addr string) string { h, _, _ := net.SplitHostPort(addr); return h },
	"loopback": isLoopback,
	"seconds":  func(f Fallback) string { return fmt.Sprint(f.RingSeconds) },
}

// splitDials takes "PJSIP/110@a,PJSIP/110@b" apart.
func splitDials(s string) []string {
	var dials []string
	for d := range strings.SplitSeq(s, ",") {
		if d = strings.TrimSpace(d); d != "" {
			dials = append(dials, d)
		}
	}
	return dials
}

// isLoopback reports whether several parties share the address: on loopback an
// address says nothing about who calls.
func isLoopback(addr string) bool {
	host, _, _ := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Leaders is who is called when no emergency line answered.
func (f Fallback) Leaders() []string {
	if len(f.Leader) > 0 {
		return f.Leader
	}
	return f.Duty
}

// Socket is the control socket of an Asterisk by its folder.
func Socket(dir string) string { return filepath.Join(dir, "run", "asterisk.ctl") }
