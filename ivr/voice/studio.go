package voice

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"
)

// StudioConfig is what a studio works with.
type StudioConfig struct {
	Script     *Script
	Recordings []fs.FS // each with <lang>/<id>.wav; the first that has a sound wins
	Dir        string  // where sounds are kept
	Tools      Tools
	Workers    int // sounds rendered at once; 0: one for each core
	// Progress is told of each sound done, never by two at once; may be nil.
	Progress func(done, total int, id string)
}

// Studio renders sounds. Close it to remove its scratch folder.
type Studio struct {
	cfg     StudioConfig
	voices  []Voice
	refused []error
	scratch string
}

// sayLimit is how long one sound may take an engine; a slow cloud needs seconds.
const sayLimit = time.Minute

// OpenStudio makes the script's voices ready. Voices that cannot be used are left out
// and told by Refused: a machine without flite still builds with espeak.
func OpenStudio(ctx context.Context, cfg StudioConfig) (*Studio, error) {
	scratch, err := os.MkdirTemp("", "hotline-voice-*")
	if err != nil {
		return nil, fmt.Errorf("open studio: %w", err)
	}
	if cfg.Workers < 1 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	s := &Studio{cfg: cfg, scratch: scratch}
	for _, spec := range cfg.Script.Voices {
		v, err := openVoice(ctx, spec, cfg.Tools, scratch)
		if err != nil {
			s.refused = append(s.refused, err)
			continue
		}
		s.voices = append(s.voices, v)
	}
	return s, nil
}

// Close removes the studio's scratch folder.
func (s *Studio) Close() error { return os.RemoveAll(s.scratch) }

// Refused tells which voices cannot be used here, and why.
func (s *Studio) Refused() []error { return s.refused }

// BuildOptions narrows a build.
type BuildOptions struct {
	Only  []string // prompt ids; empty builds all
	Force bool     // render even what is unchanged
}

// Report is what a build did.
type Report struct {
	Total, Rendered, Removed int
	Synthetic                []string // human_required prompts without a recording, as lang/id
	Warnings                 []error  // a voice failed and the next one spoke instead
}

// Build renders what is new or changed, writes the manifest in one step and removes
// files that neither it nor its predecessor names: a hotline that runs with the old
// one finds all its sounds. A sound that cannot be rendered fails the build at the
// end; all others are built.
func (s *Studio) Build(ctx context.Context, o BuildOptions) (Report, error) {
	unlock, err := lock(ctx, s.cfg.Dir)
	if err != nil {
		return Report{}, err
	}
	defer unlock()
	old, err := ReadManifest(s.cfg.Dir)
	if err != nil {
		old = Manifest{} // damaged: everything is rendered anew
	}
	job := &job{studio: s, known: byHash(old), force: o.Force, only: o.Only, old: old.index()}
	manifest := job.run(ctx, s.cfg.Script.lines())
	if err := ctx.Err(); err != nil {
		return job.report, fmt.Errorf("build prompts: %w", err)
	}
	if err := manifest.write(s.cfg.Dir); err != nil {
		return job.report, err
	}
	job.report.Synthetic = synthetic(s.cfg.Script, manifest)
	job.report.Removed, err = sweep(s.cfg.Dir, manifest, old)
	return job.report, errors.Join(errors.Join(job.faults...), err)
}

func byHash(m Manifest) map[string]Sound {
	out := make(map[string]Sound, len(m.Sounds))
	for _, s := range m.Sounds {
		out[s.Hash] = s
	}
	return out
}

// job is one build while it runs.
type job struct {
	studio *Studio
	known  map[string]Sound
	old    map[soundKey]Sound
	force  bool
	only   []string

	mu     sync.Mutex
	report Report
	faults []error
}

// run spreads the lines over the workers and keeps their order in the manifest.
func (j *job) run(ctx context.Context, lines []line) Manifest {
	out := make([]Sound, len(lines))
	next := make(chan int)
	var workers sync.WaitGroup
	for range j.studio.cfg.Workers {
		workers.Go(func() {
			for i := range next {
				out[i] = j.one(ctx, lines[i], len(lines))
			}
		})
	}
	for i := range lines {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	workers.Wait()
	return Manifest{Format: formatNumber, Sounds: slices.DeleteFunc(out, func(s Sound) bool { return s.Hash == "" })}
}

// one renders a line or finds it rendered; what fails keeps its old sound, if any.
func (j *job) one(ctx context.Context, l line, total int) Sound {
	old := j.old[soundKey{l.lang, l.id}]
	if len(j.only) > 0 && !slices.Contains(j.only, promptOf(l.id)) && old.Hash != "" {
		j.done(l, total, false)
		return old
	}
	sound, fresh, err := j.studio.render(ctx, l, j)
	if err != nil {
		j.mu.Lock()
		j.faults = append(j.faults, fmt.Errorf("%s/%s: %w", l.lang, l.id, err))
		j.mu.Unlock()
		sound = old
	}
	j.done(l, total, fresh)
	return sound
}

func (j *job) done(l line, total int, fresh bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.report.Total++
	if fresh {
		j.report.Rendered++
	}
	if j.studio.cfg.Progress != nil {
		j.studio.cfg.Progress(j.report.Total, total, l.id)
	}
}

func (j *job) warn(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.report.Warnings = append(j.report.Warnings, err)
}

// find gives a sound that an earlier build made of the same ingredients.
func (j *job) find(hash, dir string) (Sound, bool) {
	s, ok := j.known[hash]
	return s, ok && !j.force && complete(s.path(dir))
}

// Knows reports whether the script has a prompt of that id.
func (s *Studio) Knows(id string) bool {
	_, ok := s.cfg.Script.Prompts[id]
	return ok
}
