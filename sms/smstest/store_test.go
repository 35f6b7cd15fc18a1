package smstest_test

import (
	"testing"

	"hotline/sms/smstest"
)

func TestMemoryStore(t *testing.T) {
	smstest.TestStore(t, func(*testing.T) smstest.Store { return smstest.NewStore() })
}
