package asterisk

import (
	"context"
	"net/http"
	"net/url"
)

// know asks an Asterisk for its own name on a new connection. Channels get their ids from
// it: of two that go by the same name, or by none, a note or a record of one's call would be
// taken for the other's.
func (f *Fleet) know(ctx context.Context, m *member) {
	var info struct {
		Config struct {
			Name string `json:"name"`
		} `json:"config"`
	}
	err := m.do(ctx, request{method: http.MethodGet, path: "/asterisk/info", query: url.Values{"only": {"config"}}, out: &info})
	if err != nil {
		m.cfg.Log.Warn("asterisk's own name not known", "err", err)
		return
	}
	m.system.Store(&info.Config.Name)
	if twin := f.twin(m); twin != "" {
		m.cfg.Log.Error("two Asterisks need a systemname each in asterisk.conf: their channels can have the same ids",
			"systemname", info.Config.Name, "twin", twin)
	}
}

// twin is another Asterisk that goes by the same name, "" when there is none.
func (f *Fleet) twin(m *member) string {
	name := m.system.Load()
	for _, o := range f.all() {
		if other := o.system.Load(); o != m && name != nil && other != nil && *name == *other {
			return o.cfg.Name
		}
	}
	return ""
}
