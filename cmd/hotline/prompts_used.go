package main

import (
	"errors"
	"fmt"
	"io/fs"

	"hotline/ivr"
)

// usedPrompts lists what the flows of all hotlines and the code behind them may play,
// so that the lint finds prompts missing and prompts in vain.
func usedPrompts(files fs.FS) ([]string, error) {
	names, err := fs.Glob(files, "hotlines/*/flow.yaml")
	if err != nil {
		return nil, fmt.Errorf("list flows: %w", err)
	}
	var flows []*ivr.Flow
	var faults []error
	for _, name := range names {
		src, err := fs.ReadFile(files, name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		flow, problems := ivr.ParseFlow(name, src)
		if flow == nil {
			faults = append(faults, fmt.Errorf("%s has %d problems: run `hotline check`", name, len(problems)))
			continue
		}
		flows = append(flows, flow)
	}
	return ivr.UsedPrompts(flows...), errors.Join(faults...)
}
