package main

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestBadRequestsAreToldWhatIsWrong(t *testing.T) {
	w := newTown(t, "")
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{"POST", "/api/calls", `{"from":"13800000001","to":"110@evil"}`, 400},
		{"POST", "/api/calls", `{"from":"13800000001","keys":"x"}`, 400},
		{"POST", "/api/calls", `{"form":"1"}`, 400},
		{"POST", "/api/calls", `{}{}`, 400},
		{"POST", "/api/calls", strings.Repeat(" ", longestBody+1) + "{}", 400},
		{"POST", "/api/calls/77/keys", `{"keys":"1"}`, 409},
		{"GET", "/api/calls/77", "", 404},
		{"PUT", "/api/lines/110", `{"behaviour":"explode"}`, 400},
		{"PUT", "/api/lines/110", `{"tone_hz":9000}`, 400},
		{"PUT", "/api/lines/110", `{"answer_after_ms":-1}`, 400},
		{"PUT", "/api/lines/110", `{"trunks":{"3":{"behaviour":"busy"}}}`, 400},
		{"PUT", "/api/lines/999", `{"behaviour":"busy"}`, 404},
		{"PUT", "/api/trunks/3", `{"state":"up"}`, 404},
		{"PUT", "/api/trunks/1", `{"state":"sideways"}`, 400},
		{"POST", "/api/handsets/110/reply", `{"text":"1"}`, 404},
		{"POST", "/api/handsets/13800000001/reply", `{"text":"1"}`, 409},
		{"POST", "/api/handsets/13800000001/reply", `{"text":" ","to":"106"}`, 400},
		{"GET", "/nothing", "", 404},
	} {
		if got := w.do(c.method, c.path, c.body, nil); got != c.want {
			t.Errorf("%s %s %.40s: got %d, want %d", c.method, c.path, c.body, got, c.want)
		}
	}
}

func TestPageIsServedToThisMachineAlone(t *testing.T) {
	w := newTown(t, "")
	for host, want := range map[string]int{"": 200, "localhost:8090": 200, "[::1]:8090": 200, "evil.example": 403} {
		req, err := http.NewRequestWithContext(w.context(), http.MethodGet, "http://"+w.carrier.web.Addr().String()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("host %q: %d, want %d", host, res.StatusCode, want)
		}
		if want == 200 && !bytes.Contains(body, []byte("所有号码均为模拟 / all numbers are simulated")) {
			t.Error("the page does not say that numbers are simulated")
		}
	}
}

func TestStaysOnTheLoopbackAddress(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:5070", "192.0.2.1:5070", "carrier.example:5070", "5070"} {
		if err := onLoopback("127.0.0.1:1", addr); err == nil {
			t.Errorf("%s: no error", addr)
		}
	}
}
