package main

import (
	"strings"
	"testing"
	"time"

	"hotline/sms/survey/redistest"
)

func TestRedisAddressesAreRead(t *testing.T) {
	for where, want := range map[string]string{
		"127.0.0.1:6390":                    "",
		"sentinel://a:1,b:2,c:3/hotline":    "",
		"redis":                             `"redis" is not host:port`,
		":6390":                             `":6390" is not host:port`,
		"sentinel://a:1,b/hotline":          `sentinel "b" is not host:port`,
		"sentinel://a:1,,b:2/hotline":       `sentinel "" is not host:port`,
		"sentinel://a:1,b:2":                "does not end in /name",
		"sentinel://a:1,b:2/":               "does not end in /name",
		"sentinel://a:1,b:2/hotline/0":      "does not end in /name",
		"redis://127.0.0.1:6390":            "is not host:port",
		"sentinel://user@a:1,b:2:3/hotline": `sentinel "b:2:3" is not host:port`,
	} {
		_, _, err := readRedis(where)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", where, err, want)
		}
	}
}

// TestSentinelFailover kills the master of a real trio: the same client goes on with the
// replica, and what the replica had been told is still there.
func TestSentinelFailover(t *testing.T) {
	w := redistest.StartWatched(t)
	client, err := openRedis(w.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Set(t.Context(), "key", "kept", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if n, err := client.Wait(t.Context(), 1, time.Minute).Result(); err != nil || n != 1 {
		t.Fatalf("told %d replicas: %v", n, err)
	}
	began := time.Now()
	w.Master.Kill()
	for limit := time.After(time.Minute); client.Set(t.Context(), "after", "1", 0).Err() != nil; {
		select {
		case <-limit:
			t.Fatal("no master in a minute")
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Logf("writing again after %s", time.Since(began).Round(10*time.Millisecond))
	if v, err := client.Get(t.Context(), "key").Result(); err != nil || v != "kept" {
		t.Errorf("key is %q, %v", v, err)
	}
}
