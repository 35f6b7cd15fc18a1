package sms_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"hotline/sms"
)

func TestSegments(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"empty", "", 1},
		{"160 septets", strings.Repeat("a", 160), 1},
		{"161 septets", strings.Repeat("a", 161), 2},
		{"306 septets", strings.Repeat("a", 306), 2},
		{"307 septets", strings.Repeat("a", 307), 3},
		{"an escape counts twice", strings.Repeat("a", 159) + "€", 2},
		{"an escape does not straddle", strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), 3},
		{"70 characters", strings.Repeat("满", 70), 1},
		{"71 characters", strings.Repeat("满", 71), 2},
		{"134 characters", strings.Repeat("满", 134), 2},
		{"135 characters", strings.Repeat("满", 135), 3},
		{"35 emoji", strings.Repeat("😀", 35), 1},
		{"36 emoji", strings.Repeat("😀", 36), 2},
		{"67 emoji: 33 to a segment", strings.Repeat("😀", 67), 3},
		{"one Chinese character costs the alphabet", strings.Repeat("a", 70) + "满", 2},
	} {
		if got := sms.Segments(c.text); got != c.want {
			t.Errorf("%s: %d segments, want %d", c.name, got, c.want)
		}
	}
}

func TestSegmentsAllocatesNothing(t *testing.T) {
	text := strings.Repeat("您好😀", 40)
	if n := testing.AllocsPerRun(100, func() { sms.Segments(text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSign(t *testing.T) {
	for in, want := range map[string]string{"您好": "【热线】您好", "【热线】您好": "【热线】您好", "": "【热线】"} {
		if got := sms.Sign("【热线】", in); got != want {
			t.Errorf("Sign(%q) = %q, want %q", in, got, want)
		}
	}
	if got := sms.Sign("", "您好"); got != "您好" {
		t.Errorf("without signature: %q", got)
	}
}

func TestSplitTooLong(t *testing.T) {
	if _, err := sms.Split(strings.Repeat("长", 1<<20), 1); !errors.Is(err, sms.ErrTooLong) {
		t.Errorf("3 MB: %v, want ErrTooLong", err)
	}
}

func TestSplitHeaders(t *testing.T) {
	segments, err := sms.Split(strings.Repeat("满", 100), 9)
	if err != nil || len(segments) != 2 {
		t.Fatalf("%d segments, %v", len(segments), err)
	}
	for i, s := range segments {
		if want := (sms.Concat{Ref: 9, Total: 2, Seq: i + 1}); s.Concat != want {
			t.Errorf("segment %d is %+v", i, s.Concat)
		}
		if got, rest, ok := sms.SplitHeader(append(s.Concat.Header(), s.Data...)); !ok || got != s.Concat || string(rest) != string(s.Data) {
			t.Errorf("header of segment %d reads %+v, %v", i, got, ok)
		}
	}
}

func TestSplitHeader(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       sms.Concat
		rest       string
		ok         bool
	}{
		{"8 bit", "\x05\x00\x03\x21\x02\x01hi", sms.Concat{Ref: 0x21, Total: 2, Seq: 1}, "hi", true},
		{"16 bit", "\x06\x08\x04\x12\x34\x03\x02hi", sms.Concat{Ref: 0x1234, Total: 3, Seq: 2}, "hi", true},
		{"behind another element", "\x07\x24\x00\x00\x03\x21\x02\x01hi", sms.Concat{Ref: 0x21, Total: 2, Seq: 1}, "hi", true},
		{"only another element", "\x02\x24\x00hi", sms.Concat{}, "hi", true},
		{"empty header", "\x00hi", sms.Concat{}, "\x00hi", false},
		{"over the end", "\x09\x00\x03hi", sms.Concat{}, "\x09\x00\x03hi", false},
		{"element over the end", "\x02\x00\x09hi", sms.Concat{}, "\x02\x00\x09hi", false},
		{"nothing", "", sms.Concat{}, "", false},
	} {
		got, rest, ok := sms.SplitHeader([]byte(c.data))
		if got != c.want || string(rest) != c.rest || ok != c.ok {
			t.Errorf("%s: %+v %q %v", c.name, got, rest, ok)
		}
	}
}

// whole decodes segments and joins them.
func whole(segments []sms.Segment) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteString(sms.Decode(s.Coding, s.Data))
	}
	return b.String()
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"", "€{}[]~", "您好😀", strings.Repeat("😀", 99), strings.Repeat("^", 200), "\xff\xfe", "a\x1bb", "\x00\x011"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		segments, err := sms.Split(text, 1)
		if err != nil {
			if !errors.Is(err, sms.ErrTooLong) {
				t.Errorf("Split: %v", err)
			}
			return
		}
		valid := strings.ToValidUTF8(text, "\uFFFD")
		if n := sms.Segments(valid); n != len(segments) {
			t.Errorf("Segments says %d, Split made %d", n, len(segments))
		}
		for _, s := range segments {
			room := map[sms.Coding]int{sms.GSM7: 160, sms.UCS2: 140}[s.Coding]
			if len(segments) > 1 {
				room = map[sms.Coding]int{sms.GSM7: 153, sms.UCS2: 134}[s.Coding]
			}
			if len(s.Data) > room {
				t.Errorf("%d octets in %v, room for %d", len(s.Data), s.Coding, room)
			}
			if part := sms.Decode(sms.UCS2, s.Data); s.Coding == sms.UCS2 && !strings.Contains(valid, "\uFFFD") && strings.ContainsRune(part, utf8.RuneError) {
				t.Errorf("a character was cut: %q", part)
			}
		}
		if got := whole(segments); got != valid && !ambiguous(segments) {
			t.Errorf("joined %q, want %q", got, valid)
		}
	})
}

// ambiguous spots what a receiver may read differently: septets that look like UCS-2,
// and a byte order mark at the start of a segment.
func ambiguous(segments []sms.Segment) bool {
	for _, s := range segments {
		d := string(s.Data)
		if s.Coding == sms.GSM7 && strings.HasPrefix(d, "\x00") ||
			strings.HasPrefix(d, "\xFE\xFF") || strings.HasPrefix(d, "\xFF\xFE") {
			return true
		}
	}
	return false
}

func TestDecode(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("非常满意,谢谢")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		coding sms.Coding
		data   string
		want   string
	}{
		{"septets", sms.GSM7, "1\x00\x1be", "1@€"},
		{"a lone escape at the end", sms.GSM7, "1\x1b", "1"},
		{"an unknown escape", sms.GSM7, "1\x1bA", "1 "},
		{"UCS-2", sms.UCS2, "\x6e\xe1\x61\x0f", "满意"},
		{"UCS-2 with emoji", sms.UCS2, "\xd8\x3d\xde\x00", "😀"},
		{"UCS-2 with a mark", sms.UCS2, "\xfe\xff\x00\x31", "1"},
		{"UCS-2 little-endian with a mark", sms.UCS2, "\xff\xfe\x31\x00", "1"},
		{"UCS-2 of odd length", sms.UCS2, "\x00\x31\x00", "1"},
		{"UCS-2 said to be septets", sms.GSM7, "\x00\x31", "1"},
		{"Chinese UCS-2 said to be septets", sms.GSM7, "\x6e\xe1\x61\x0f", "满意"},
		{"GBK", sms.GBK, gbk, "非常满意,谢谢"},
		{"GBK said to be septets", sms.GSM7, gbk, "非常满意,谢谢"},
		{"coding 25", 25, "\x6e\xe1\x61\x0f", "满意"},
		{"septets shown at once", 0x10, "NO", "NO"},
		{"septets of a class", 0xF1, "NO", "NO"},
		{"UCS-2 shown at once", 0x18, "\x6e\xe1\x61\x0f", "满意"},
		{"ASCII", sms.ASCII, "1", "1"},
		{"Latin", sms.Latin1, "\xe9", "é"},
		{"nothing", sms.UCS2, "", ""},
	} {
		if got := sms.Decode(c.coding, []byte(c.data)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(byte(0), []byte("\x00\x31"))
	f.Add(byte(8), []byte("\xd8\x3d"))
	f.Add(byte(15), []byte("\x81"))
	f.Fuzz(func(t *testing.T, coding byte, data []byte) {
		if got := sms.Decode(sms.Coding(coding), data); !utf8.ValidString(got) {
			t.Errorf("invalid UTF-8: %q", got)
		}
		sms.SplitHeader(data)
	})
}

func BenchmarkSplit(b *testing.B) {
	text := "【热线】" + strings.Repeat("您反映的事项已办结,请回复数字评价", 4)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sms.Split(text, 1); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSegments(b *testing.B) {
	text := "【热线】" + strings.Repeat("您反映的事项已办结,请回复数字评价", 4)
	b.ReportAllocs()
	for b.Loop() {
		sms.Segments(text)
	}
}

func BenchmarkDecode(b *testing.B) {
	data := []byte(strings.Repeat("\x6e\xe1\x61\x0f", 16))
	b.ReportAllocs()
	for b.Loop() {
		sms.Decode(sms.UCS2, data)
	}
}
