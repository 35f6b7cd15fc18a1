package cmpp_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"hotline/sms"
	"hotline/sms/cmpp"
	"hotline/sms/smstest"
)

// stranger is a gateway that has been greeted and has not answered yet.
type stranger struct {
	*sms.Line
	*smstest.Sink
	net.Conn
	hello sms.Frame
}

// meet has a link greet a stranger, once.
func meet(t *testing.T, v cmpp.Version) *stranger {
	t.Helper()
	ours, theirs := net.Pipe()
	dialled := false
	l := newLink(t, cmpp.Config{
		Name: "a", Addr: "memory:0", User: "900001", Secret: "secret", Version: v, Numbers: []string{"10690"}, Clock: smstest.WallClock{},
		Dial: func(context.Context, string) (net.Conn, error) {
			if dialled {
				return nil, errors.New("only once")
			}
			dialled = true
			return ours, nil
		},
	})
	s := &stranger{Line: l, Sink: smstest.NewSink(), Conn: theirs}
	run(t, l, s.Sink)
	t.Cleanup(func() { _ = theirs.Close() })
	s.hello = s.next(t)
	return s
}

func (s *stranger) next(t *testing.T) sms.Frame {
	t.Helper()
	f, err := cmpp.ReadFrame(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (s *stranger) say(t *testing.T, octets []byte) {
	t.Helper()
	if _, err := s.Write(octets); err != nil {
		t.Fatal(err)
	}
}

// texts is how many were stored.
func (s *stranger) texts(t *testing.T) int {
	t.Helper()
	synctest.Wait()
	parts, err := s.Parts(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return len(parts)
}

// A text before the proof has to come again; one right behind the proof is taken, since
// gateways empty their queues as soon as they have answered.
func TestNothingIsTakenFromAStranger(t *testing.T) {
	text := rawPDU(5, deliverBody(cmpp.Deliver{Content: []byte("hello")}), 0)
	for secret, want := range map[string]int{"secret": 1, "a guess": 0} {
		synctest.Test(t, func(t *testing.T) {
			s := meet(t, cmpp.V20)
			s.say(t, text)
			if f := s.next(t); f.Command != cmpp.CmdDeliver|sms.AnswerBit || string(f.Body) != "\x00\x00\x00\x00\x00\x00\x00\x01\x08" {
				t.Errorf("before the proof: answered %x % x", uint32(f.Command), f.Body)
			}
			if n := s.texts(t); n != 0 {
				t.Errorf("before the proof: %d texts stored", n)
			}
			var hello cmpp.Connect
			if err := cmpp.Unmarshal(&hello, cmpp.V20, s.hello.Body); err != nil {
				t.Fatal(err)
			}
			resp := cmpp.ConnectResp{Version: cmpp.V20, Auth: cmpp.AuthISMG(cmpp.V20, 0, hello.Auth, secret)}
			s.say(t, append(cmpp.Bytes(s.hello.Answer(0, cmpp.Marshal(&resp, cmpp.V20))), text...))
			if n := s.texts(t); n != want {
				t.Errorf("behind the answer of who has %q: %d texts stored, want %d", secret, n, want)
			}
		})
	}
}

// Some gateways refuse with the status and nothing behind it, in the form of either version.
func TestStatusAloneSaysWhy(t *testing.T) {
	for _, v := range []cmpp.Version{cmpp.V20, cmpp.V30} {
		for body, want := range map[string]string{
			"\x03":             "refused with status 3 wrong secret",
			"\x00\x00\x00\x04": "refused with status 4 version too high",
			"":                 "cut short",
			"\x00":             "cut short",
			"\x00\x00\x00\x00": "cut short",
			cutInTheProof(v):   "refused with status 2 unknown source",
		} {
			synctest.Test(t, func(t *testing.T) {
				s := meet(t, v)
				s.say(t, cmpp.Bytes(s.hello.Answer(0, []byte(body))))
				synctest.Wait()
				if d := s.Health().Detail; !strings.Contains(d, want) {
					t.Errorf("%s, % x: detail %q, want %q", v, body, d, want)
				}
			})
		}
	}
}

// cutInTheProof is a refusal that ends in the middle of its second field.
func cutInTheProof(v cmpp.Version) string {
	whole := cmpp.Marshal(&cmpp.ConnectResp{Status: 2}, v)
	return string(whole[:len(whole)-9])
}
