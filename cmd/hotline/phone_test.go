package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/asterisk/sipphone"
)

func TestPhoneCallsPressesAndTellsWhatItHears(t *testing.T) {
	dir := t.TempDir()
	const hash = "0123456789abcdef0123456789abcdef"
	r := rand.New(rand.NewPCG(1, 2))
	sound := make([]byte, 25*sipphone.FrameBytes)
	for i := range sound {
		sound[i] = byte(r.Uint32()) &^ 0x50 // A-law, and not faint
	}
	manifest := `{"format":3,"sounds":[{"id":"welcome-zz","lang":"zh","hash":"` + hash + `","ms":500,"text":"您好，这里是热线。"}]}`
	for name, data := range map[string][]byte{"manifest.json": []byte(manifest), "zh/01/" + hash + ".alaw": sound} {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	far, err := sipphone.Listen(context.Background(), sipphone.Config{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(far.Close)
	gone := make(chan error, 1)
	far.Serve(func(in *sipphone.Incoming) {
		s, err := in.Answer()
		if err != nil {
			gone <- err
			return
		}
		gone <- errors.Join(s.Ear().WaitKeys(s.Context(), "31"), s.SayAll(s.Context(), sipphone.Payload(sound)), s.Hangup(context.Background()))
	})
	saved := filepath.Join(dir, "heard.wav")
	var out bytes.Buffer
	cmd := newPhoneCommand()
	cmd.SetOut(&out)
	cmd.SetArgs([]string{far.URI("12345"), "--keys", "3,1", "--from", "13900001111", "--sounds", dir, "--save", saved})
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-gone; err != nil {
		t.Error(err)
	}
	for _, want := range []string{"answered, PCMA", "press 3,1", "▶ welcome-zz  您好，这里是热线。", "call ended by them", "lost 0", "saved " + saved} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, out.String())
		}
	}
	if info, err := os.Stat(saved); err != nil || info.Size() < 8000 {
		t.Errorf("saved %v, %v", info, err)
	}
}

func TestPhoneNeverRingsARealEmergencyNumber(t *testing.T) {
	for target, want := range map[string]bool{
		"sip:120@127.0.0.1:5070":    true,
		"sip:12345@192.0.2.7":       true,
		"sip:110@192.0.2.7:5060":    false,
		"sip:+86119@192.0.2.7":      false,
		"12345":                     false,
		"sip:127.0.0.1":             false,
		"sip:12345@127.0.0.1:99999": false,
	} {
		if _, err := phoneAddress(target); (err == nil) != want && !unreachable(err) {
			t.Errorf("%s: %v", target, err)
		}
	}
}

// unreachable is a machine without any network, where the far address has no way.
func unreachable(err error) bool {
	return err != nil && strings.Contains(err.Error(), "unreachable")
}
