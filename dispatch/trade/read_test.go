package trade_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"hotline/dispatch/trade"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// list gives rows one by one.
func list(rows ...[]string) func(func([]string, error) bool) {
	return func(yield func([]string, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// workbook is a table as a workbook.
func workbook(t testing.TB, rows ...[]string) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, trade.Write(&b, "xlsx", list(rows...)))
	return b.Bytes()
}

// TestReadWhatExcelWrites: the same table in every form that Excel saves it in.
func TestReadWhatExcelWrites(t *testing.T) {
	const text = "单位编号,单位名称\r\nwater,水务局\r\n\r\nroads,\"住建局\r\n(城管)\"\r\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	must(t, err)
	want := []trade.Row{{Number: 2, Cells: []string{"water", "水务局"}}, {Number: 4, Cells: []string{"roads", "住建局\n(城管)"}}}
	for name, src := range map[string][]byte{
		"UTF-8": []byte(text), "with a mark": []byte("\uFEFF" + text), "GB18030": []byte(gb),
		"XLSX": workbook(t, []string{"单位编号", "单位名称"}, []string{"water", "水务局"}, nil, []string{"roads", "住建局\n(城管)"}),
	} {
		got, err := trade.Read(src)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, got.Rows); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

// TestRefusedFiles: what is too large, broken or no table is refused as a fault with its place,
// and costs no more than it weighs.
func TestRefusedFiles(t *testing.T) {
	many := strings.Repeat("a\n", 10_001)
	for name, tt := range map[string]struct {
		src  []byte
		want string
	}{
		"empty":            {nil, "文件:文件是空的 [rec]"},
		"blank":            {[]byte(",,\n\n"), "文件:文件是空的 [rec]"},
		"too large":        {make([]byte, trade.MaxFile+1), "文件:文件超过 8 MB [rec]"},
		"too many rows":    {[]byte(many), "文件:超过 10000 行,请分成几个文件 [rec]"},
		"too wide":         {[]byte(strings.Repeat("a,", 64) + "a\n"), "第1行:超过 64 列 [rec]"},
		"a long cell":      {[]byte("a,b\n1," + strings.Repeat("长", 4001) + "\n"), "第2行B列:一格超过 4000 字 [rec]"},
		"a control":        {[]byte("a\n\x1b[2J\n"), "第2行A列:含有控制字符 [rec]"},
		"an override":      {[]byte("a\nuser\u202egpj\n"), "第2行A列:含有控制字符 [rec]"},
		"quotes":           {[]byte("a,b\n\n1,\"2\n"), "第3行:引号不成对,或引号外还有字 [rec]"},
		"UTF-16":           {[]byte("\xff\xfea\x00"), "文件:文件是 UTF-16(Excel 的“Unicode 文本”),请另存为“CSV UTF-8” [rec]"},
		"no text":          {[]byte("a\n\xff\xff\n"), "文件:文字既不是 UTF-8 也不是 GB18030 [rec]"},
		"no workbook":      {[]byte("PK\x03\x04 and so on"), "文件:不是完好的 XLSX 工作簿 [rec]"},
		"another zip":      {bomb(t, "readme.txt", 10, 10), "文件:不是完好的 XLSX 工作簿(加密的请先去掉密码) [rec]"},
		"a bomb":           {bomb(t, "xl/worksheets/sheet1.xml", 65<<20, 65<<20), "文件:工作簿解开后超过 64 MB 或 1000 个部分 [rec]"},
		"a bomb that lies": {bomb(t, "[Content_Types].xml", 65<<20, 100), "文件:不是完好的 XLSX 工作簿(加密的请先去掉密码) [rec]"},
	} {
		_, err := trade.Read(tt.src)
		var f trade.Fault
		if !errors.As(err, &f) || f.Error() != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

// bomb is a zip of one part that unpacks to size bytes of blanks and says that it is said.
func bomb(t *testing.T, name string, size, said int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	must(t, err)
	_, err = io.CopyN(w, blanks{}, int64(size))
	must(t, err)
	must(t, z.Close())
	at := bytes.Index(b.Bytes(), []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b.Bytes()[at+24:], uint32(said))
	return b.Bytes()
}

type blanks struct{}

func (blanks) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// TestNothingIsComputed: whatever a cell begins with, a spreadsheet takes it for text, and an
// import gives back what there was.
func TestNothingIsComputed(t *testing.T) {
	cells := []string{"=1+1", "+8613812345678", "-5", "@SUM(A1)", "'=x", "''+y", "＝cmd|' /C calc'!A0", "水务局", "'quoted'", "\n=z"}
	for _, format := range trade.Formats {
		var b bytes.Buffer
		must(t, trade.Write(&b, format, list([]string{"a"}, []string{"x", strings.Join(cells, " ")}, cells)))
		if format == "csv" {
			r := csv.NewReader(bytes.NewReader(b.Bytes()))
			r.FieldsPerRecord = -1
			written, err := r.ReadAll()
			must(t, err)
			for i, c := range written[2] {
				if strings.ContainsAny(c[:1], "=+-@") {
					t.Errorf("cell %d is written %q", i, c)
				}
			}
		} else {
			book, err := excelize.OpenReader(&b)
			must(t, err)
			for i := range cells {
				name, err := excelize.CoordinatesToCellName(i+1, 3)
				must(t, err)
				if f, err := book.GetCellFormula("Sheet1", name); err != nil || f != "" {
					t.Errorf("%s computes %q, %v", name, f, err)
				}
			}
			b.Reset()
			must(t, trade.Write(&b, format, list([]string{"a"}, []string{"x", strings.Join(cells, " ")}, cells)))
		}
		got, err := trade.Read(b.Bytes())
		must(t, err)
		want := append([]string{}, cells...)
		want[len(want)-1] = "=z" // the ends of cells are trimmed
		if diff := cmp.Diff(want, got.Rows[1].Cells); diff != "" {
			t.Errorf("%s: -want +got\n%s", format, diff)
		}
	}
}

// FuzzRead: no file breaks the reader or gets past its limits, and what it read is read the
// same again after it was written.
func FuzzRead(f *testing.F) {
	f.Add([]byte("单位编号,单位名称\nwater,'=1\n"))
	f.Add([]byte("\uFEFFa,b\r\n\"1\n2\",\"\"\"\"\r\n"))
	f.Add([]byte("\xce\xf7\xb5\xa5,\xb1\xe0\n"))
	f.Add(workbook(f, []string{"a", "b"}, []string{"1", "2"}))
	f.Fuzz(func(t *testing.T, src []byte) {
		table, err := trade.Read(src)
		var fault trade.Fault
		if err != nil {
			if !errors.As(err, &fault) {
				t.Fatalf("%v is no fault", err)
			}
			return
		}
		rows := [][]string{table.Header}
		for _, r := range table.Rows {
			if len(r.Cells) > 64 {
				t.Fatalf("%d cells", len(r.Cells))
			}
			rows = append(rows, r.Cells)
		}
		for _, format := range trade.Formats {
			var b bytes.Buffer
			must(t, trade.Write(&b, format, list(rows...)))
			again, err := trade.Read(b.Bytes())
			if err != nil {
				t.Fatalf("%s: what was written is not read: %v", format, err)
			}
			got := [][]string{again.Header}
			for _, r := range again.Rows {
				got = append(got, r.Cells)
			}
			if diff := cmp.Diff(fmt.Sprintf("%q", rows), fmt.Sprintf("%q", got)); diff != "" {
				t.Fatalf("%s: -read +again\n%s", format, diff)
			}
		}
	})
}
