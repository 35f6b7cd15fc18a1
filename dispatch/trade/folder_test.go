package trade_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/dispatch"
	"hotline/dispatch/trade"
)

const someUnits = `# 承办单位
units:
  - {id: office, name: 管委会办公室}          # ZZ-5
  - id: water
    name: 水务局
    phone: "037112345678"  # 总机
    since: 2020

  # 其余
  - {id: news, name: 新闻信息中心}
# 末尾
`

const someRoster = `officers:
  duty: {name: 王建国, phone: "13900000001"}  # 一班
  leader: {name: 赵明, phone: "13900000003"}
weekly:  # 每一刻都要有人
  - days: [mon, tue, wed, thu, fri, sat, sun]
    duty: [duty]
    backup: [leader]
    leader: [leader]
overrides:
  - {from: 2026-10-01, to: 2026-10-07, why: 国庆, duty: [leader]}  # ZZ-20.5
`

// desk is a folder of a hotline.
func desk(t *testing.T, units string) (trade.Folder, string) {
	t.Helper()
	dir := t.TempDir()
	if units != "" {
		must(t, os.WriteFile(filepath.Join(dir, "units.yaml"), []byte(units), 0o600))
	}
	must(t, os.WriteFile(filepath.Join(dir, "roster.yaml"), []byte(someRoster), 0o600))
	return trade.Folder{FS: os.DirFS(dir), Dir: dir, Now: func() time.Time { return time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC) }}, dir
}

// brought imports and tells the report in one line: new/changed/same/bad, written or not, faults.
func brought(t *testing.T, f trade.Folder, job trade.Job) string {
	t.Helper()
	rep, err := f.Import(job)
	must(t, err)
	line := fmt.Sprintf("%d/%d/%d/%d", rep.New, rep.Changed, rep.Same, rep.Bad)
	if rep.Written {
		line += " written"
	}
	for _, fault := range rep.Faults {
		line += "\n" + fault.Error()
	}
	return line
}

func same(t *testing.T, what, want, got string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: -want +got\n%s", what, diff)
	}
}

func file(t *testing.T, dir, name string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(dir, name))
	must(t, err)
	return string(src)
}

// TestImportTwice of every kind: what a file names is put in and everything else stays byte for
// byte; the second time nothing is new or changed, and no file is touched. What an export
// writes is such a file.
func TestImportTwice(t *testing.T) {
	units := strings.Replace(someUnits, "    since: 2020\n", "", 1)
	f, dir := desk(t, units)
	for _, tt := range []struct {
		kind        trade.Kind
		src, first  string
		file, added string
	}{
		{trade.Units, "单位编号,单位名称,电话,事项\nwater,市水务局,0371-12345678,停水、漏水\nroads,住建局,,\nnews,新闻信息中心,,\n", "1/1/1/0 written", "units.yaml",
			"  # 总机\n  - {id: water, name: 市水务局, phone: 037112345678, topics: [停水, 漏水]}\n\n  # 其余\n  - {id: news, name: 新闻信息中心}\n  - {id: roads, name: 住建局}\n# 末尾\n"},
		{trade.Handlers, "单位编号,工号,姓名,手机,负责人\noffice,1,甲,13900000011,\noffice,2,乙,139 0000 0012,是\n", "2/0/0/0 written", "units.yaml",
			"  - {id: office, name: 管委会办公室, handlers: [{id: \"1\", name: 甲, mobile: \"13900000011\"}, {id: \"2\", name: 乙, mobile: \"13900000012\", head: true}]}  # ZZ-5\n"},
		{trade.Officers, "人员编号,姓名,电话\nduty,王建国,13900000001\nnight,钱七,13900000007\nleader,赵明,13900000033\n", "1/1/1/0 written", "roster.yaml",
			"  leader: {name: 赵明, phone: \"13900000033\"}\n  night: {name: 钱七, phone: \"13900000007\"}\nweekly:"},
		{trade.Roster, "星期,开始日期,结束日期,时段,值班,带班领导,事由\n周一至周三、周日,,,20:00-08:00,钱七,,夜班\n,2026/10/1,2026/10/7,,night,赵明,国庆统一值班\n,2027-01-01,,,duty,,元旦\n",
			"2/1/0/0 written", "roster.yaml", "weekly:  # 每一刻都要有人\n  - {days: [mon, tue, wed, sun], hours: \"20:00-08:00\", why: 夜班, duty: [night]}\n"},
	} {
		job := trade.Job{Kind: tt.kind, Source: []byte(tt.src)}
		same(t, string(tt.kind), tt.first, brought(t, f, job))
		got := file(t, dir, tt.file)
		if !strings.Contains(got, tt.added) {
			t.Errorf("%s: no\n%sin\n%s", tt.kind, tt.added, got)
		}
		rows := strings.Count(tt.src, "\n") - 1
		same(t, string(tt.kind)+" again", fmt.Sprintf("0/0/%d/0", rows), brought(t, f, job))
		for _, format := range trade.Formats {
			var out bytes.Buffer
			must(t, f.Export(&out, tt.kind, format))
			line := brought(t, f, trade.Job{Kind: tt.kind, Source: out.Bytes()})
			if !strings.HasPrefix(line, "0/0/") || !strings.HasSuffix(line, "/0") {
				t.Errorf("what was exported as %s is imported as %s", format, line)
			}
		}
		same(t, string(tt.kind)+" afterwards", got, file(t, dir, tt.file))
	}
	if _, err := dispatch.LoadRoster(os.DirFS(dir), "roster.yaml"); err != nil {
		t.Error(err)
	}
}

// TestFaultsByRowAndColumn: all of them at once, and nothing is written for one of them.
func TestFaultsByRowAndColumn(t *testing.T) {
	units := strings.Replace(someUnits, "    since: 2020\n", "", 1)
	for _, tt := range []struct {
		kind      trade.Kind
		src, want string
	}{
		{trade.Units, "单位编号,单位名称,电话\n水务,水务局,\nnews,,12\nroads,住建局,,多\nroads,住建局\n", `0/0/0/4
第2行A列(单位编号):只能是字母、数字、点、横线,最多 40 个 [rec]
第3行B列(单位名称):请填写单位名称 [rec]
第3行C列(电话):不是电话号码 [rec]
第4行D列:表头没有这一列 [rec]
第5行A列(单位编号):与第4行重复 [rec]`},
		{trade.Units, "单位编号,名字\n", "0/0/0/0\n第1行B列:不认识这个表头,只能是 单位编号、单位名称、类别、电话、事项 [rec]"},
		{trade.Units, "单位编号,单位编号\n", "0/0/0/0\n第1行B列(单位编号):这个表头写了两次 [rec]"},
		{trade.Handlers, "单位编号,工号\n", "0/0/0/0\n第1行(姓名):缺少这一列 [ZZ-7.1]"},
		{trade.Handlers, "单位编号,工号,姓名,手机,负责人\nwater,1,甲,1390000,也许\nnobody,1,乙,,\nwater,1,丙,,\nwater,2,丁,,\n", `1/0/0/3
第2行E列(负责人):只能是 是 或 否 [ZZ-18.1]
第3行A列(单位编号):units.yaml 里没有这个单位,请先导入单位 [ZZ-7.1]
第4行B列(工号):与第2行重复 [ZZ-7.1]`},
		{trade.Officers, "人员编号,姓名,电话\nnight,,13900000007\n", "0/0/0/1\n第2行B列(姓名):请填写姓名 [ZZ-20.2]"},
		{trade.Roster, "星期,开始日期,结束日期,时段,值班\n周八,,,,duty\n周一,2026-10-01,,,duty\n,2026-10-02,2026-10-01,,duty\n,,,,duty\n周一,,,8点,duty\n周一,,,,\n周二,,,,张三\n周三,,,,duty\n", `1/0/0/7
第2行A列(星期):不是 周一至周五 或 周六、周日 这样的星期 [ZZ-20.5]
第3行B列(开始日期):星期与日期只能填一种 [ZZ-20.5]
第4行C列(结束日期):早于开始日期 [ZZ-20.5]
第5行A列(星期):请填写星期(每周)或开始日期(某几天) [ZZ-20.5]
第6行D列(时段):不是 08:30-20:30 这样的时段 [ZZ-20.5]
第7行E列(值班):这一行没有写人 [ZZ-20.2]
第8行E列(值班):“张三”在人员名单里有 0 人,请写人员编号 [ZZ-20.2]`},
	} {
		f, dir := desk(t, units)
		before := file(t, dir, "units.yaml") + file(t, dir, "roster.yaml")
		same(t, string(tt.kind), tt.want, brought(t, f, trade.Job{Kind: tt.kind, Source: []byte(tt.src)}))
		same(t, "the files", before, file(t, dir, "units.yaml")+file(t, dir, "roster.yaml"))
	}
}

// TestOnlyGood: the rows that are right are taken; the others come back as a file that can be
// mended and brought in again.
func TestOnlyGood(t *testing.T) {
	for _, format := range trade.Formats {
		f, dir := desk(t, "")
		var in bytes.Buffer
		must(t, trade.Write(&in, format, list([]string{"单位编号", "单位名称"}, []string{"water", "水务局"}, []string{"roads", ""})))
		rep, err := f.Import(trade.Job{Kind: trade.Units, Source: in.Bytes(), OnlyGood: true})
		must(t, err)
		if !rep.Written || rep.New != 1 || rep.Bad != 1 {
			text, _ := json.Marshal(rep)
			t.Fatalf("%s: %s", format, text)
		}
		same(t, "the file", "units:\n  - {id: water, name: 水务局}\n", file(t, dir, "units.yaml"))
		back, err := trade.Read(rep.Rejected)
		must(t, err)
		same(t, "what comes back", `["roads" "" "第3行B列(单位名称):请填写单位名称 [rec]"]`, fmt.Sprintf("%q", back.Rows[0].Cells))
		var mended bytes.Buffer
		must(t, trade.Write(&mended, format, list(back.Header, []string{"roads", "住建局", back.Rows[0].Cells[2]})))
		same(t, "mended", "1/0/0/0 written", brought(t, f, trade.Job{Kind: trade.Units, Source: mended.Bytes()}))
	}
}

// TestFilesThatAreNotTouched: what would not be read afterwards, or cannot be written, is refused.
func TestFilesThatAreNotTouched(t *testing.T) {
	job := trade.Job{Kind: trade.Units, Source: []byte("单位编号,单位名称\nwater,市水务局\n")}
	for name, tt := range map[string]struct{ units, want string }{
		"unknown field": {someUnits, "导入后 units.yaml 不能通过检查"},
		"one line":      {"units: [{id: a, name: b}]\n", "units 写成了一行,请改为每项一行后再导入"},
		"no YAML":       {"units: [\n", "units.yaml"},
	} {
		f, dir := desk(t, tt.units)
		if got := brought(t, f, job); !strings.Contains(got, tt.want) || strings.Contains(got, "written") {
			t.Errorf("%s: %s", name, got)
		}
		same(t, name, tt.units, file(t, dir, "units.yaml"))
	}
	f, _ := desk(t, "")
	f.Dir = ""
	same(t, "built in", "0/0/0/0\n文件:内置配置不能改写,请用 --deploy 指定目录 [rec]", brought(t, f, job))
}
