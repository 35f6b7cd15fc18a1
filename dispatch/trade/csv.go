package trade

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// byteOrderMark is what Excel puts before UTF-8, and needs to read it.
const byteOrderMark = "\uFEFF"

// readCSV reads comma-separated rows. Excel in China writes GB18030: what is not UTF-8 is
// taken for that, and refused if it is not that either.
func readCSV(src []byte, g *gatherer) error {
	if bytes.HasPrefix(src, []byte{0xff, 0xfe}) || bytes.HasPrefix(src, []byte{0xfe, 0xff}) {
		return fileFault("文件是 UTF-16(Excel 的“Unicode 文本”),请另存为“CSV UTF-8”")
	}
	if !utf8.Valid(src) {
		text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(src)
		if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
			return fileFault("文字既不是 UTF-8 也不是 GB18030")
		}
		src = text
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(src, []byte(byteOrderMark))))
	r.FieldsPerRecord = -1
	number, next := 0, 1 // the row before, and the line after it
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			return Fault{Row: number + 1 + max(wrong.StartLine-next, 0), Rule: ruleOfOurs, Text: "引号不成对,或引号外还有字"}
		}
		if err != nil {
			return fileFault("无法读取:%v", err)
		}
		line, _ := r.FieldPos(0)
		number += 1 + line - next // blank lines are rows in Excel, and left out by the reader
		next = line + 1
		for _, c := range cells {
			next += strings.Count(c, "\n")
		}
		if err := g.add(number, cells); err != nil {
			return err
		}
	}
}

// writeCSV writes a table as Excel reads it: with a byte order mark, lines ending in CR LF.
func writeCSV(w io.Writer, rows func(func([]string) error) error) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := rows(out.Write); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}
