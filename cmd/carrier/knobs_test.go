package main

import (
	"bytes"
	"flag"
	"io"
	"strings"
	"testing"

	"hotline/sms"
	"hotline/sms/smstest"
)

func TestKnobsAreFlags(t *testing.T) {
	var cfg config
	flags := flag.NewFlagSet("carrier", flag.ContinueOnError)
	cfg.bindKnobs(flags)
	if err := flags.Parse([]string{"-latency", "50ms", "-throttled", "cmpp=3", "-silent", "smpp=on"}); err != nil {
		t.Fatal(err)
	}
	if smpp, cmpp := cfg.Knobs[overSMPP], cfg.Knobs[overCMPP]; smpp.Latency != cmpp.Latency || smpp.Throttle != 0 || cmpp.Throttle != 3 || !smpp.Silent {
		t.Errorf("%+v", cfg.Knobs)
	}
	var help bytes.Buffer
	flags.SetOutput(&help)
	flags.PrintDefaults()
	for _, k := range smstest.KnobTable() {
		if !strings.Contains(help.String(), "-"+k.Name+" value\n    \ttexts: "+k.Does) {
			t.Errorf("-help does not tell of %s:\n%s", k.Name, help.String())
		}
	}
	flags.SetOutput(io.Discard)
	if err := flags.Parse([]string{"-outage", "soon"}); err == nil || !strings.Contains(err.Error(), "a time such as") {
		t.Errorf("%v", err)
	}
}

func TestKnobsAreTurnedOverHTTP(t *testing.T) {
	w := newTown(t, "")
	var knobs []knobView
	w.until(func() { w.must("PATCH", "/api/knobs", `{"latency":"20ms","throttled":"2"}`, nil) },
		func(event string, _ []byte) bool { return event == "knobs" })
	w.must("PATCH", "/api/knobs/cmpp", `{"throttled":""}`, &knobs)
	for _, k := range knobs {
		want := map[string][2]string{"latency": {"20ms", "20ms"}, "throttled": {"2", ""}}[k.Name]
		if k.SMPP != want[0] || k.CMPP != want[1] || k.Does == "" || k.Unit == "" {
			t.Errorf("%+v, want %v", k, want)
		}
	}
	if len(knobs) != len(smstest.KnobTable()) {
		t.Errorf("%d knobs", len(knobs))
	}
	for path, body := range map[string]string{
		"/api/knobs": `{"latency":"1s","outage":"soon"}`, "/api/knobs/smpp": `{"temper":"bad"}`, "/api/knobs/cmpp": `{"latency":5}`,
	} {
		if got := w.do("PATCH", path, body, nil); got != 400 {
			t.Errorf("%s %s: %d", path, body, got)
		}
	}
	if got := w.do("PATCH", "/api/knobs/fax", `{}`, nil); got != 404 {
		t.Errorf("fax: %d", got)
	}
	link, _ := w.bind(overSMPP)
	for range 2 {
		if _, err := link.Send(w.context(), sms.Outgoing{ID: "1", To: "13900005555", Text: "您好"}); err == nil || !strings.Contains(err.Error(), "throttled") {
			t.Errorf("%v", err)
		}
	}
	w.must("DELETE", "/api/knobs", "", nil)
	if k := w.carrier.ismg.Knobs(); k != (smstest.Knobs{}) {
		t.Errorf("after they were turned back: %+v", k)
	}
}

// The page sees each receipt when the hotline has it.
func TestReceiptsShowOnHandsets(t *testing.T) {
	for _, over := range overs {
		w := newTown(t, "")
		link, d := w.bind(over)
		send := func(text string) func() {
			return func() {
				if _, err := link.Send(w.context(), sms.Outgoing{ID: "1", To: "13900005555", Text: text, Ref: 1}); err != nil {
					t.Fatal(err)
				}
				words := sms.Segments(text)
				if over == overHTTP {
					words = 1 // texts go whole
				}
				for range words {
					next(w, d.receipts)
				}
			}
		}
		shows := func(state string) func(string, []byte) bool {
			return func(event string, data []byte) bool {
				return event == "text" && bytes.Contains(data, []byte(`"state":"`+state+`"`))
			}
		}
		w.until(send("您好"), shows("DELIVRD"))
		w.until(send(strings.Repeat("很长", 100)), shows("DELIVRD"))
		w.must("PATCH", "/api/knobs", `{"ported":"on"}`, nil)
		w.until(send("您好"), shows("MB:1047"))
	}
}
