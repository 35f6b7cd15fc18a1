package asterisktest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/asterisk/conf"
)

func TestStartsWithEveryModuleAndNoComplaint(t *testing.T) {
	s := Start(t, Options{Configure: func(c *conf.Config) {
		c.Trunks = []conf.Trunk{{Name: "carrier", Addr: "127.0.0.1:5070"}, {Name: "far", Addr: "192.0.2.1:5060"}}
		c.Desks = []conf.Desk{{Name: "8001", Addr: "127.0.0.1:5071"}, {Name: "8002", Password: "secret"}}
		c.Fallback = conf.Fallback{
			Emergency: map[string]string{"1": "PJSIP/110@carrier,PJSIP/110@far"},
			Duty:      []string{"PJSIP/13900000000@carrier"},
			Prompts: map[string]string{
				"sorry": "/nowhere/sorry", "emergency-menu": "/nowhere/menu", "dial-directly": "/nowhere/dial",
				"leave-message": "/nowhere/leave", "duty-accept": "/nowhere/accept",
			},
		}
	}})
	log, err := os.ReadFile(filepath.Join(s.Config.Dir, "log", "messages.log"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(log)) {
		if strings.Contains(line, "ERROR") || strings.Contains(line, "WARNING") {
			t.Error(line)
		}
	}
	s.Stop()
	s.Launch(t)
}
