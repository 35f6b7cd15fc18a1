package ivr_test

import (
	"io/fs"
	"testing"

	"hotline/deploy"
	"hotline/ivr"
)

// hotlines are the five the binary carries.
var hotlines = []string{"zz", "sq", "kf", "zq", "xz"}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	src, err := fs.ReadFile(deploy.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func loadHotline(t *testing.T, id string) (*ivr.Flow, *ivr.Profile) {
	t.Helper()
	flowFile, profileFile := "hotlines/"+id+"/flow.yaml", "hotlines/"+id+"/profile.yaml"
	flow, problems := ivr.ParseFlow(flowFile, readFile(t, flowFile))
	if len(problems) > 0 {
		t.Fatalf("%v", problems)
	}
	profile, problems := ivr.ParseProfile(profileFile, readFile(t, profileFile))
	if len(problems) > 0 {
		t.Fatalf("%v", problems)
	}
	return flow, profile
}

func TestHotlinesAreValid(t *testing.T) {
	for _, id := range hotlines {
		t.Run(id, func(t *testing.T) {
			flow, profile := loadHotline(t, id)
			if problems := flow.Check(profile, nil); len(problems) > 0 {
				t.Errorf("%v", problems)
			}
			if profile.ID != id {
				t.Errorf("profile of %s says it is %s", id, profile.ID)
			}
			simulated := routesOf(t, nil, ivr.Trunk{Name: "carrier"})
			if _, err := ivr.PlanEmergency(profile, simulated, false); err != nil {
				t.Error(err)
			}
		})
	}
}
