package sqlstore_test

import (
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore"
)

func majorListed(t *testing.T, s *sqlstore.Store) {
	for n, kinds := range map[int][]string{
		1: {dispatch.OnMajor},
		2: {dispatch.OnConfirmed, dispatch.OnMajor}, // a message confirmed before it was found to be major
		3: {dispatch.OnMajor, dispatch.OnConfirmed},
		4: {dispatch.OnMajor, dispatch.OnUnconfirmed},
		5: {dispatch.OnNote},
	} {
		o := order(n)
		insert(t, s, o)
		for _, kind := range kinds {
			do(t, s, func(tx dispatch.Tx) error { return tx.Append(dispatch.Event{Number: o.Number, Kind: kind, At: noon}) })
		}
	}
	for _, tt := range []struct {
		from time.Time
		want []string
	}{{noon, []string{order(1).Number, order(2).Number}}, {noon.Add(time.Second), nil}} {
		got, err := s.UnconfirmedMajor(t.Context(), tt.from, noon.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		var numbers []string
		for _, o := range got {
			numbers = append(numbers, o.Number)
		}
		same(t, "major", numbers, tt.want)
	}
}

func unconfirmedListed(t *testing.T, s *sqlstore.Store) {
	for n, change := range map[int]func(*dispatch.Order){
		1: func(o *dispatch.Order) {},
		2: func(o *dispatch.Order) { o.Channel, o.Type = dispatch.ByPhone, dispatch.EmergencyCase },
		3: func(o *dispatch.Order) { o.Urgent = false },
		4: func(o *dispatch.Order) { o.State = dispatch.Completed },
		5: func(o *dispatch.Order) { o.Channel = dispatch.ByPhone }, // an agent's: no leader is called
		6: func(o *dispatch.Order) {},                               // confirmed, below
		7: func(o *dispatch.Order) { o.CreatedAt = o.CreatedAt.Add(-24 * time.Hour) },
		8: func(o *dispatch.Order) { o.CreatedAt = o.CreatedAt.Add(time.Hour) },
		9: func(o *dispatch.Order) {}, // given up, below
	} {
		o := order(n)
		o.Channel = dispatch.ByVoicemail
		change(&o)
		insert(t, s, o)
		kind := dispatch.OnNote
		switch n {
		case 6:
			kind = dispatch.OnConfirmed
		case 9:
			kind = dispatch.OnUnconfirmed
		}
		do(t, s, func(tx dispatch.Tx) error {
			return tx.Append(dispatch.Event{Number: o.Number, Kind: kind, At: o.CreatedAt})
		})
	}
	got, err := s.Unconfirmed(t.Context(), noon, noon.Add(30*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for _, o := range got {
		numbers = append(numbers, o.Number)
	}
	same(t, "unconfirmed", numbers, []string{order(1).Number, order(2).Number})
}
