package conf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPermitted(t *testing.T) {
	peers := []string{"127.0.0.1/32", "192.0.2.1/32", "127.0.0.1/32"} // valid's trunks and desk
	for name, tt := range map[string]struct {
		bind  string
		allow []string
		want  []string
	}{
		"loopback is open":                {"127.0.0.1", nil, nil},
		"a private network too":           {"192.168.1.5", nil, nil},
		"the world is not":                {"0.0.0.0", nil, append(append([]string{}, private...), peers...)},
		"nor is a public address":         {"203.0.113.5", nil, append(append([]string{}, private...), peers...)},
		"what is named is all there is":   {"127.0.0.1", []string{"198.51.100.7", "10.1.2.3/8"}, append([]string{"198.51.100.7/32", "10.0.0.0/8"}, peers...)},
		"everybody said in so many words": {"0.0.0.0", []string{"0.0.0.0/0", "::/0"}, append([]string{"0.0.0.0/0", "::/0"}, peers...)},
	} {
		t.Run(name, func(t *testing.T) {
			c := valid(t)
			c.Bind, c.Allow = tt.bind, tt.allow
			if diff := cmp.Diff(tt.want, c.Permitted()); diff != "" {
				t.Error(diff)
			}
			if err := Render(c); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(filepath.Join(c.Dir, "etc", "pjsip.conf"))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(b), "type = acl") != (tt.want != nil) {
				t.Errorf("rendered:\n%s", b)
			}
			for _, p := range tt.want {
				if !strings.Contains(string(b), "permit = "+p+"\n") {
					t.Errorf("%s is not let in:\n%s", p, b)
				}
			}
		})
	}
}

func TestAllowIsValidated(t *testing.T) {
	for _, bad := range []string{"", "192.0.2.0/33", "example.org", "192.0.2.1\npermit = 0.0.0.0/0", "fe80::1%eth0", "192.0.2.1:5060"} {
		c := valid(t)
		c.Allow = []string{bad}
		if err := Render(c); err == nil || !strings.Contains(err.Error(), "Allow") {
			t.Errorf("Allow %q: %v", bad, err)
		}
	}
	c := valid(t)
	c.Bind, c.Trunks[0].Addr = "0.0.0.0", "sip.example.org:5060"
	if err := Render(c); err == nil || !strings.Contains(err.Error(), "write its address") {
		t.Errorf("a trunk by name: %v", err)
	}
}

func FuzzNetwork(f *testing.F) {
	f.Add("192.0.2.0/24")
	f.Add("::1")
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := network(text); err == nil && (!p.IsValid() || strings.ContainsAny(p.String(), " \r\n;[]")) {
			t.Fatalf("%q became %q", text, p)
		}
	})
}
