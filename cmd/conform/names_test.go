package conform

import (
	"slices"
	"testing"

	"hotline/deploy"
)

// shipped is the list as it ships.
func shipped(t testing.TB) *Book {
	t.Helper()
	b, err := Load(deploy.Files, "rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestIDsOfANameAreFoundInEveryForm(t *testing.T) {
	b := shipped(t)
	for _, tt := range []struct {
		ids, bad []string
		text     string // not "name", or the list below would count as names of tests
	}{
		{[]string{"ZZ-17.1"}, nil, "ZZ-17.1_a_weekend"},
		{[]string{"ZZ-17.1"}, nil, "ZZ-17.1_2_orders"},
		{[]string{"ZZ-17.1"}, nil, "TestDeadlineZZ_17_1"},
		{[]string{"ZZ-17.1"}, nil, "TestZZ_17_1_2_orders"},
		{[]string{"ZQ-15.2"}, nil, "TestZQ15_2_Window"},
		{[]string{"SQ-4.4", "ZZ-17.3"}, nil, "SQ-4.4_ZZ-17.3_a_promise"},
		{[]string{"KF-3.1.5", "ZZ-1"}, nil, "TestKF3_1_5_and_ZZ_1"},
		{[]string{"KF-A4.3.1"}, nil, "KF-A4.3.1_95_percent"},
		{[]string{"KF-A4.3.1"}, nil, "TestKFA4_3_1"},
		{[]string{"KF-B"}, nil, "KF-B_the_list"},
		{[]string{"ZQ-15.5"}, nil, "dissatisfied:_called_back_(ZQ-15.5)"},
		{[]string{"XZ-12.3.4"}, nil, "XZ-12.3.4"},
		{nil, []string{"ZQ-16.9"}, "ZQ-16.9_none"},
		{nil, []string{"ZQ-16"}, "ZQ-16_an_article"},
		{nil, []string{"ZZ-17.1.3"}, "ZZ-17.1.3"},
		{nil, []string{"ZQ-11"}, "TestZQ11_Deadlines"},
		{[]string{"ZZ-20.2"}, nil, "TestZZ20_2_Roster"},
		{nil, nil, "ZZ20261121-00042-7"},
		{nil, nil, "ZZ-20261121"},
		{nil, nil, "a_BUZZ-1_and_a_FIZZ1"},
		{nil, nil, "zz-17.1"},
		{nil, nil, "ZZ"},
		{nil, nil, ""},
	} {
		ids, bad := b.IDs(tt.text)
		if !slices.Equal(ids, tt.ids) || !slices.Equal(bad, tt.bad) {
			t.Errorf("%q names %q and misspells %q, want %q and %q", tt.text, ids, bad, tt.ids, tt.bad)
		}
	}
}
