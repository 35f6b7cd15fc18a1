package svg_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"

	"hotline/deploy"
	"hotline/ivr"
	"hotline/ivr/svg"
)

func draw(t *testing.T, id string) string {
	t.Helper()
	read := func(name string) (string, []byte) {
		src, err := fs.ReadFile(deploy.Files, "hotlines/"+id+"/"+name)
		if err != nil {
			t.Fatal(err)
		}
		return name, src
	}
	flow, problems := ivr.ParseFlow(read("flow.yaml"))
	if problems != nil {
		t.Fatal(problems)
	}
	profile, problems := ivr.ParseProfile(read("profile.yaml"))
	if problems != nil {
		t.Fatal(problems)
	}
	var b bytes.Buffer
	if err := svg.Draw(&b, flow, profile); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDrawEveryHotline(t *testing.T) {
	for _, id := range []string{"zz", "sq", "kf", "zq", "xz"} {
		t.Run(id, func(t *testing.T) {
			picture := draw(t, id)
			for _, want := range []string{"任何时刻按 9", "欢迎与录音告知", "无人接听", "留言"} {
				if !strings.Contains(picture, want) {
					t.Errorf("no %q in the picture", want)
				}
			}
			if picture != draw(t, id) {
				t.Error("drawn twice, the pictures differ")
			}
			d := xml.NewDecoder(strings.NewReader(picture))
			for {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					return
				} else if err != nil {
					t.Fatalf("not XML: %v", err)
				}
			}
		})
	}
}

// A line that leads back is drawn, and titles cannot break out of the picture.
func TestDrawLoopsAndEscapes(t *testing.T) {
	flow, problems := ivr.ParseFlow("flow.yaml", []byte("start: a\nnodes:\n  a: {verb: agents, title: \"<b>&\", none: b}\n  b: {verb: duty, none: a}\n"))
	if problems != nil {
		t.Fatal(problems)
	}
	var b bytes.Buffer
	if err := svg.Draw(&b, flow, &ivr.Profile{Name: "热线"}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); strings.Contains(got, "<b>") || !strings.Contains(got, "stroke-dasharray") {
		t.Error(got)
	}
}
