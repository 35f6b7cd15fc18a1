package main

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"hotline/sms/smstest"
)

// bindKnobs makes a flag of every knob. A value is for all centres, or for one with its
// name before it: cmpp=50ms.
func (cfg *config) bindKnobs(flags *flag.FlagSet) {
	cfg.Knobs = map[string]smstest.Knobs{}
	for _, k := range smstest.KnobTable() {
		flags.Func(k.Name, fmt.Sprintf("texts: %s; `value`: %s, for one protocol as in cmpp=...", k.Does, k.Unit), func(v string) error {
			to := overs
			if over, value, one := strings.Cut(v, "="); one && slices.Contains(overs, over) {
				to, v = []string{over}, value
			}
			for _, over := range to {
				knobs := cfg.Knobs[over]
				if err := k.Set(&knobs, v); err != nil {
					return err
				}
				cfg.Knobs[over] = knobs
			}
			return nil
		})
	}
}

// knobView is a knob as the API tells it, with its value at each centre: the empty string
// is good health.
type knobView struct {
	Name string `json:"name"`
	Unit string `json:"unit"`
	Does string `json:"does"`
	SMPP string `json:"smpp"`
	CMPP string `json:"cmpp"`
}

func (c *carrier) knobs() (out []knobView) {
	smpp, cmpp := c.smsc.Knobs(), c.ismg.Knobs()
	for _, k := range smstest.KnobTable() {
		out = append(out, knobView{k.Name, k.Unit, k.Does, k.Get(smpp), k.Get(cmpp)})
	}
	return out
}

// patchKnobs turns knobs, of all centres or of the one that the path names:
// {"latency": "50ms", "silent": ""}. With a mistake among them none is turned.
func (c *carrier) patchKnobs(w http.ResponseWriter, r *http.Request) {
	to := overs
	if over := r.PathValue("over"); over != "" {
		if to = []string{over}; !slices.Contains(overs, over) {
			refuse(w, http.StatusNotFound, fmt.Errorf("the centres are %s", strings.Join(overs, ", ")))
			return
		}
	}
	var values map[string]string
	if !read(w, r, &values) {
		return
	}
	if err := turnKnobs(&smstest.Knobs{}, values); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	for _, over := range to {
		c.centre(over).Tune(func(k *smstest.Knobs) { _ = turnKnobs(k, values) }) // they were good a moment ago
	}
	c.log.Info("knobs turned", "of", to, "values", values)
	c.events.publish("knobs", c.knobs())
	tell(w, c.knobs())
}

// turnKnobs sets knobs by name.
func turnKnobs(all *smstest.Knobs, values map[string]string) error {
	var errs []error
	table := smstest.KnobTable()
	for name, v := range values {
		i := slices.IndexFunc(table, func(k smstest.Knob) bool { return k.Name == name })
		if i < 0 {
			errs = append(errs, fmt.Errorf("no knob %q; GET /api/knobs lists them", name))
			continue
		}
		errs = append(errs, table[i].Set(all, v))
	}
	return errors.Join(errs...)
}

// resetKnobs makes all centres well.
func (c *carrier) resetKnobs(w http.ResponseWriter, _ *http.Request) {
	for _, over := range overs {
		c.centre(over).Tune(func(k *smstest.Knobs) { *k = smstest.Knobs{} })
	}
	c.events.publish("knobs", c.knobs())
	w.WriteHeader(http.StatusNoContent)
}
