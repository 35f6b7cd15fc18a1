package trade

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"
)

// readXLSX reads the first sheet row by row. What its parts unpack to is added up before
// anything is unpacked, and the library holds each to what it said.
func readXLSX(src []byte, g *gatherer) (err error) {
	defer func() {
		if r := recover(); r != nil { // the library is a guest: a workbook that breaks it is none
			err = fileFault("不是完好的 XLSX 工作簿")
		}
	}()
	if err := weigh(src); err != nil {
		return err
	}
	// With the two limits the same nothing is put on the disk, where it would stay.
	book, err := excelize.OpenReader(bytes.NewReader(src), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked, RawCellValue: true})
	if err != nil {
		return fileFault("不是完好的 XLSX 工作簿(加密的请先去掉密码)")
	}
	defer func() { _ = book.Close() }() // nothing is written
	if p, err := book.GetWorkbookProps(); err == nil && p.Date1904 != nil {
		g.table.Date4 = *p.Date1904
	}
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return fileFault("工作簿里没有工作表")
	}
	rows, err := book.Rows(sheets[0])
	if err != nil {
		return fileFault("工作表“%s”无法读取", sheets[0])
	}
	defer func() { _ = rows.Close() }()
	for number := 1; rows.Next(); number++ {
		cells, err := rows.Columns()
		if err != nil {
			return Fault{Row: number, Rule: ruleOfOurs, Text: "此行无法读取"}
		}
		if err := g.add(number, cells); err != nil {
			return err
		}
	}
	if rows.Error() != nil {
		return fileFault("工作表“%s”无法读完", sheets[0])
	}
	return nil
}

// weigh refuses a workbook that unpacks to too much.
func weigh(src []byte) error {
	z, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		return fileFault("不是完好的 XLSX 工作簿")
	}
	total := uint64(0)
	for _, f := range z.File {
		if total += f.UncompressedSize64; total > maxUnpacked || f.UncompressedSize64 > maxUnpacked || len(z.File) > maxParts {
			return fileFault("工作簿解开后超过 %d MB 或 %d 个部分", maxUnpacked>>20, maxParts)
		}
	}
	return nil
}

// excelTime is a moment as a workbook keeps it, a number of days, in Asia/Shanghai's wall
// clock, to the second.
func excelTime(cell string, date1904 bool) (time.Time, bool) {
	days, err := strconv.ParseFloat(cell, 64)
	if err != nil || days < 1 || days > 80_000 { // to the year 2119
		return time.Time{}, false
	}
	t, err := excelize.ExcelDateToTime(days, date1904)
	return t.Round(time.Second), err == nil
}

// writeXLSX writes a table as a workbook of text cells, row by row.
func writeXLSX(w io.Writer, rows func(func([]string) error) error) error {
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	stream, err := book.NewStreamWriter(book.GetSheetName(0))
	if err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	number := 0
	err = rows(func(cells []string) error {
		number++
		values := make([]any, len(cells))
		for i, c := range cells {
			values[i] = c
		}
		return stream.SetRow("A"+strconv.Itoa(number), values)
	})
	if err != nil {
		return err
	}
	if err := stream.Flush(); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	if _, err := book.WriteTo(w); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	return nil
}
