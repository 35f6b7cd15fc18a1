package trade

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"hotline/dispatch"
)

// Folder is the folder of one hotline, such as deploy/hotlines/zz.
type Folder struct {
	FS  fs.FS            // where it is read
	Dir string           // where it is written; empty for what is built in, which can only be looked at
	Now func() time.Time // for what the roster lacks in the time to come
}

// file is a kind's file, and how its rows are put in.
var files = map[Kind]struct {
	name  string
	plan  plan
	key   func(*record) string
	field string
}{
	Units:    {"units.yaml", planUnits, func(r *record) string { return r.v["id"] }, "id"},
	Officers: {"roster.yaml", planOfficers, func(r *record) string { return r.v["id"] }, "id"},
	Roster:   {"roster.yaml", planRoster, rosterKey, "days"},
	Handlers: {"units.yaml", planHandlers, handlerKey, "id"},
}

func handlerKey(r *record) string {
	if r.v["unit"] == "" || r.v["id"] == "" {
		return ""
	}
	return r.v["unit"] + "/" + r.v["id"]
}

func rosterKey(r *record) string {
	if len(r.wrong) > 0 {
		return ""
	}
	return r.lineKey()
}

// Import brings units, handlers, officers or a roster into the folder's files. The report
// says whether anything was written; an error is ours or the disk's. A hotline that runs
// reads its folder when it starts.
func (f Folder) Import(job Job) (Report, error) {
	rep := Report{Kind: job.Kind, Faults: []Fault{}, Notes: []string{}}
	kind, ok := files[job.Kind]
	if !ok {
		return rep, fmt.Errorf("import %q into a folder: %w", job.Kind, dispatch.ErrInvalid)
	}
	t, records, err := open(job)
	if err != nil {
		return rep.refuse(err)
	}
	once(records, kind.key, kind.field)
	old, err := fs.ReadFile(f.FS, kind.name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return rep, fmt.Errorf("import %s: %w", job.Kind, err)
	}
	src, err := kind.plan(old, records, &rep)
	if err != nil {
		return rep.refuse(fileFault("%s: %v", kind.name, err))
	}
	if err := rep.close(job, t, records); err != nil {
		return rep, err
	}
	if rep.New+rep.Changed == 0 {
		return rep, nil // not even the file's time
	}
	if err := f.check(kind.name, src, &rep); err != nil {
		return rep.refuse(fileFault("导入后 %s 不能通过检查:%v", kind.name, err))
	}
	if job.Dry || rep.Bad > 0 && !job.OnlyGood {
		return rep, nil
	}
	if err := f.write(kind.name, old, src); err != nil {
		var fault Fault
		if errors.As(err, &fault) {
			return rep.refuse(fault)
		}
		return rep, err
	}
	rep.Written = true
	return rep, nil
}

// open reads a job's file.
func open(job Job) (Table, []*record, error) {
	t, err := Read(job.Source)
	if err != nil {
		return t, nil, err
	}
	records, err := parse(job.Kind, t)
	return t, records, err
}

// refuse ends an import whose file is wrong as a whole.
func (rep Report) refuse(err error) (Report, error) {
	var fault Fault
	if !errors.As(err, &fault) {
		return rep, err
	}
	rep.Faults = append(rep.Faults, fault)
	rep.New, rep.Changed, rep.Same = 0, 0, 0
	return rep, nil
}

// close gathers the faults of all rows, and the rows that have some, where they are wanted.
func (rep *Report) close(job Job, t Table, records []*record) error {
	rep.Rows = len(records)
	back := [][]string{append(slices.Clone(t.Header), faultsColumn)}
	for _, r := range records {
		if len(r.wrong) == 0 {
			continue
		}
		rep.Bad++
		text := ""
		for _, f := range r.wrong {
			text += f.Error() + "\n"
			if len(rep.Faults) < maxFaults {
				rep.Faults = append(rep.Faults, f)
			}
		}
		cells := make([]string, len(t.Header)+1)
		copy(cells, r.row.Cells)
		cells[len(t.Header)] = text[:len(text)-1]
		back = append(back, cells)
	}
	if rep.Bad == 0 || !job.OnlyGood {
		return nil
	}
	var b bytes.Buffer
	format := "csv"
	if t.XLSX {
		format = "xlsx"
	}
	if err := Write(&b, format, all(back)); err != nil {
		return fmt.Errorf("rejected rows: %w", err)
	}
	rep.Rejected = b.Bytes()
	return nil
}

// check has the file read as the hotline will read it.
func (f Folder) check(name string, src []byte, rep *Report) error {
	if name == "units.yaml" {
		_, err := dispatch.LoadUnits(oneFile{name, src}, name)
		return err
	}
	r, err := dispatch.ParseRoster(name, src)
	if err != nil {
		return err
	}
	now := f.Now()
	for _, g := range r.Gaps(now, now.AddDate(0, 1, 0)) {
		if len(rep.Notes) < 20 {
			rep.Notes = append(rep.Notes, fmt.Sprintf("%s 至 %s 无人在岗(%s)[ZZ-20.5]", g.From.In(dispatch.Place).Format("01-02 15:04"),
				g.To.In(dispatch.Place).Format("01-02 15:04"), g.List))
		}
	}
	return nil
}

// write puts the file in the old one's place, whole or not at all.
func (f Folder) write(name string, old, src []byte) error {
	if f.Dir == "" {
		return fileFault("内置配置不能改写,请用 --deploy 指定目录")
	}
	file := filepath.Join(f.Dir, name)
	now, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if !bytes.Equal(now, old) {
		return fileFault("%s 刚刚被别人改过,请再试", name)
	}
	tmp, err := os.CreateTemp(f.Dir, "."+name)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = io.Copy(tmp, bytes.NewReader(src))
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(tmp.Name()))
	}
	return nil
}
