package cmpp

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func FuzzFrames(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x0c\x00\x00\x00\x08\x00\x00\x00\x01"))
	f.Add([]byte("\x00\x00\x00\x03\x00\x00\x00\x08\x00\x00\x00\x01"))
	f.Add([]byte("\x00\x00\x20\x01\x00\x00\x00\x05\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := bytes.NewReader(stream)
		for {
			at := len(stream) - r.Len()
			got, err := ReadFrame(r)
			var bad *BadLength
			if errors.As(err, &bad) && !bad.Lost {
				continue
			}
			if err != nil {
				return
			}
			if read := stream[at : len(stream)-r.Len()]; len(read) > maxFrame || !bytes.Equal(got.Bytes(), read) {
				t.Fatalf("read % x as % x", read, got.Bytes())
			}
		}
	})
}

// FuzzBodies reads anything as each PDU of each version: no panic, and what was read is
// written so that it reads the same again.
func FuzzBodies(f *testing.F) {
	for i, v := range vectors {
		f.Add(uint8(i), []byte(v.want))
	}
	kinds := []func() body{
		func() body { return &Connect{} }, func() body { return &ConnectResp{} }, func() body { return &Submit{} },
		func() body { return &Resp{} }, func() body { return &Deliver{} }, func() body { return &Report{} },
	}
	f.Fuzz(func(t *testing.T, _ uint8, data []byte) {
		for _, empty := range kinds {
			for _, v := range []Version{V20, V30} {
				first := empty()
				if Unmarshal(first, v, data) != nil {
					continue
				}
				written := Marshal(first, v)
				second := empty()
				if err := Unmarshal(second, v, written); err != nil {
					t.Fatalf("%T of %s: what we wrote cannot be read: %v", first, v, err)
				}
				if again := Marshal(second, v); !bytes.Equal(written, again) {
					t.Fatalf("%T of %s:\n% x\n% x", first, v, written, again)
				}
				if len(written) > len(data)+512 {
					t.Fatalf("%T: %d octets out of %d", first, len(written), len(data))
				}
			}
		}
	})
}

// FuzzDeliver has a link take anything for a deliver.
func FuzzDeliver(f *testing.F) {
	for _, v := range vectors {
		f.Add([]byte(v.want))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, v := range []Version{V20, V30} {
			l := &Link{cfg: Config{Name: "a", Version: v, Numbers: []string{"1069012345"}, Zone: time.UTC}}
			var d Deliver
			if Unmarshal(&d, v, data) != nil {
				continue
			}
			if r, ok := l.receiptOf(d); ok && (r.Status == "" || r.CarrierID == "0") {
				t.Errorf("a receipt that says nothing: %+v", r)
			}
			if p := l.partOf(d, incoming{Frame: Frame{Body: data}, at: time.Unix(1_800_000_000, 0)}); len(p.Hash) != 32 {
				t.Errorf("hash %q", p.Hash)
			}
		}
	})
}
