package sqlstore_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/sqlstore"
	"hotline/dispatch/sqlstore/pgtest"
	"hotline/sms/smstest"
)

// noon is where the tests' days begin.
var noon = time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC)

// onBoth runs a test on SQLite and on PostgreSQL; open gives an empty store each time.
func onBoth(t *testing.T, test func(t *testing.T, open func(*testing.T) *sqlstore.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		test(t, func(t *testing.T) *sqlstore.Store { return openStore(t, filepath.Join(t.TempDir(), "hot?line#1.db")) })
	})
	t.Run("postgres", func(t *testing.T) {
		test(t, func(t *testing.T) *sqlstore.Store { return openStore(t, pgtest.Database(t)) })
	})
}

func openStore(t *testing.T, url string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// TestMain gives the package one PostgreSQL server, whose databases are empty.
func TestMain(m *testing.M) { os.Exit(pgtest.Run(m, func(string) error { return nil })) }

// TestTextStore runs the gateway's own suite on both databases.
func TestTextStore(t *testing.T) {
	onBoth(t, func(t *testing.T, open func(*testing.T) *sqlstore.Store) {
		smstest.TestStore(t, func(t *testing.T) smstest.Store { return open(t) })
	})
}

// TestRecord is the suite of the record itself.
func TestRecord(t *testing.T) {
	onBoth(t, func(t *testing.T, open func(*testing.T) *sqlstore.Store) {
		for name, test := range map[string]func(*testing.T, *sqlstore.Store){
			"an order comes back whole":             orderWhole,
			"everything else comes back whole":      restWhole,
			"what no database keeps is cleaned":     bytesCleaned,
			"a key is one order":                    keyOnce,
			"serials have no gaps":                  serialsGapless,
			"an old version is refused":             versions,
			"events are numbered":                   eventsNumbered,
			"what failed is not there":              rolledBack,
			"rules about callers are kept":          callerRulesKept,
			"the red button is kept":                redKept,
			"lists are narrowed":                    listsNarrowed,
			"urgent orders nobody confirmed":        unconfirmedListed,
			"major matters nobody confirmed":        majorListed,
			"switches as they are wanted":           switchesKept,
			"surveys are due, silent, open":         surveysListed,
			"an attempt has one survey":             surveyOnce,
			"slots go round":                        slotsGoRound,
			"an inbound text is taken once":         takenOnce,
			"wrong codes are counted and forgotten": codesCounted,
			"what is not there is not found":        notThere,
			"only one of many takes a text":         takenByOne,
			"what follows on ratings comes whole":   afterWhole,
			"the life with units comes back whole":  lifeWhole,
			"work lists come by deadline":           workListed,
			"a command's key is used once":          commandsOnce,
			"ratings are counted":                   ratingsCounted,
		} {
			t.Run(name, func(t *testing.T) { test(t, open(t)) })
		}
	})
}

func do(t *testing.T, s *sqlstore.Store, f func(dispatch.Tx) error) {
	t.Helper()
	if err := s.Tx(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func order(n int) dispatch.Order {
	number := dispatch.Number{Prefix: "ZZ", Day: "20261121", Serial: n}
	return dispatch.Order{
		Number: number.String(), Digits: number.Digits(), PIN: "0421", Type: dispatch.Help, Channel: dispatch.ByPhone,
		State: dispatch.Registered, Phone: "13800000001", Name: "王'五🙂", Summary: "路灯不亮 100%_x", Result: "",
		Urgent: true, CallID: "call", Due: dispatch.Deadline{At: noon.AddDate(0, 0, 2), Provisional: true, Rule: "ZZ-17.1",
			From: noon, Span: calendar.Span{N: 2, Unit: calendar.Workdays}},
		CreatedAt: noon.Add(time.Duration(n) * time.Minute), Version: 1,
	}
}

func insert(t *testing.T, s *sqlstore.Store, o dispatch.Order) dispatch.Order {
	t.Helper()
	do(t, s, func(tx dispatch.Tx) error { _, err := tx.InsertOrder(o, ""); return err })
	return o
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func orderWhole(t *testing.T, s *sqlstore.Store) {
	o := insert(t, s, order(1))
	for _, id := range []string{o.Number, o.Digits} {
		got, err := s.OrderBy(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		same(t, id, got, o)
	}
	do(t, s, func(tx dispatch.Tx) error {
		o.State, o.Result, o.Outcome, o.Rating = dispatch.Archived, "已修", dispatch.Rated, 2
		o.CompletedAt, o.ArchivedAt, o.Confidential, o.Urgent = noon.Add(time.Microsecond), noon.Add(time.Hour), true, false
		return tx.SaveOrder(&o)
	})
	got, err := s.OrderBy(t.Context(), o.Number)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "after saving", got, o)
	if o.Version != 2 {
		t.Errorf("version %d, want 2", o.Version)
	}
}

func restWhole(t *testing.T, s *sqlstore.Store) {
	o := insert(t, s, order(1))
	call := dispatch.Call{ID: "c1", Channel: "ch", From: "13800000001", To: "12345", Class: dispatch.Help, Outcome: "answered", Detail: "desk 8001",
		Order: o.Number, Emergency: true, Missed: true, StartedAt: noon, AnsweredAt: noon.Add(time.Second), EndedAt: noon.Add(time.Minute),
		Hangup: "normal", Steps: []dispatch.Step{{At: noon, What: "say", Text: "您好"}}}
	v := dispatch.Voicemail{ID: "v1", CallID: "c1", Order: o.Number, Phone: "13800000001", File: "2026/v1.wav", Duration: 61500 * time.Millisecond,
		Urgent: true, Reason: "after_hours", At: noon}
	cb := dispatch.Callback{ID: "b1", Order: o.Number, Phone: "13800000001", Rating: 5, OpenedAt: noon}
	survey := dispatch.Survey{ID: "s1", Order: o.Number, Attempt: 1, Phone: "13800000001", Slot: "07", MessageID: "m1", CreatedAt: noon, Version: 1}
	do(t, s, func(tx dispatch.Tx) error {
		early := call
		early.Outcome, early.Steps = "", nil
		return errors.Join(tx.SaveCall(early), tx.SaveCall(call), tx.InsertVoicemail(v), tx.InsertCallback(cb), tx.InsertSurvey(survey))
	})
	do(t, s, func(tx dispatch.Tx) error {
		v.HeardAt, v.HeardBy = noon.Add(time.Hour), "duty:李"
		cb.Attempts, cb.Reason, cb.DoneAt, cb.DoneBy = 2, "没解决", noon.Add(time.Hour), "agent:8001"
		survey.Outcome, survey.Rating, survey.Invalid, survey.OpenedAt = dispatch.Rated, 4, 3, noon
		survey.Deadline, survey.SettledAt = noon.Add(24*time.Hour), noon.Add(time.Hour)
		return errors.Join(tx.SaveVoicemail(v), tx.SaveCallback(cb), tx.SaveSurvey(&survey))
	})
	gotCall, err1 := s.CallBy(t.Context(), "c1")
	gotV, err2 := s.VoicemailBy(t.Context(), "v1")
	gotS, err3 := s.SurveyBy(t.Context(), "s1")
	gotCB, err4 := s.Callbacks(t.Context(), dispatch.Filter{Order: o.Number})
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	same(t, "call", gotCall, call)
	same(t, "voicemail", gotV, v)
	same(t, "survey", gotS, survey)
	same(t, "callbacks", gotCB, []dispatch.Callback{cb})
}

// TestVersionsAreLogged names the real databases that the suite ran on.
func TestVersionsAreLogged(t *testing.T) {
	onBoth(t, func(t *testing.T, open func(*testing.T) *sqlstore.Store) {
		s := open(t)
		v, err := s.Version(t.Context())
		if err != nil || !strings.Contains(v, "SQL") {
			t.Errorf("version %q, %v", v, err)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		t.Log(v)
	})
}

func TestASecondOpeningFindsWhatTheFirstWrote(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	insert(t, openStore(t, path), order(1))
	if _, err := openStore(t, path).OrderBy(t.Context(), order(1).Number); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	if s, err := sqlstore.Open(t.Context(), filepath.Join(path, "impossible")); err == nil {
		s.Close()
		t.Error("a database below a file was opened")
	}
}
