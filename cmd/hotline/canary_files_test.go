package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/redis/go-redis/v9"

	"hotline/cmd/rig"
)

// filesTellNothing reads the logs of our parts, and the names of all files: recordings, spool, notes.
func (c *canary) filesTellNothing() {
	c.t.Helper()
	for _, part := range []string{rig.Hotline, rig.Redis, rig.Asterisk} {
		log, err := os.ReadFile(filepath.Join(c.rig.Dir, "log", part+".log"))
		c.must(err)
		c.logTellsNothing(part, string(log))
	}
	files := 0
	c.must(filepath.WalkDir(c.rig.Dir, func(path string, _ fs.DirEntry, err error) error {
		files++
		c.tellsNothing("a file's name", path, true)
		return err
	}))
	if files < 20 {
		c.t.Errorf("only %d files", files)
	}
}

// logTellsNothing looks for whole numbers, names and words in a log. Masked numbers stand in
// logs: when a text comes in nobody knows yet what it is. No line has one with a report, and
// nothing that is called alike in two lines leads from the one to the other.
func (c *canary) logTellsNothing(part, log string) {
	c.t.Helper()
	for channel, i := range c.people {
		for line := range strings.Lines(log) {
			for _, secret := range []string{i.number, i.name, i.words, i.paper} {
				if secret != "" && strings.Contains(line, secret) {
					c.t.Errorf("the log of %s has %q of who informed by %s: %s", part, secret, channel, line)
				}
			}
		}
		named := map[string]bool{}
		for line := range strings.Lines(log) {
			if strings.Contains(line, "****"+i.number[7:]) {
				named[""] = true
				for _, id := range ids.FindAllString(line, -1) {
					named[id] = true
				}
			}
		}
		for line := range strings.Lines(log) {
			if !strings.Contains(line, i.order.Number) && !strings.Contains(line, i.order.Digits) {
				continue
			}
			if strings.Contains(line, "****"+i.number[7:]) {
				c.t.Errorf("the log of %s has the number of who informed by %s with the report: %s", part, channel, line)
			}
			for _, id := range ids.FindAllString(line, -1) {
				if named[id] {
					c.t.Errorf("the log of %s leads by %s from the number of who informed by %s to the report: %s", part, id, channel, line)
				}
			}
		}
		if part == rig.Hotline && !named[""] && channel == "text" {
			c.t.Error("the log has no masked number of who informed by text: what is looked for is not written so")
		}
	}
}

// ids are names of calls and texts.
var ids = regexp.MustCompile(`\b[0-9A-HJKMNP-TV-Z]{26}\b`)

// redisTellsNothing reads every key of Redis with its value.
func (c *canary) redisTellsNothing() {
	c.t.Helper()
	db := redis.NewClient(&redis.Options{Addr: rig.Local(c.ports.Redis)})
	defer db.Close()
	keys := db.Scan(c.ctx, 0, "*", 1000).Iterator()
	seen := 0
	for keys.Next(c.ctx) {
		seen++
		key := keys.Val()
		c.tellsNothing("a key of Redis", key, true)
		value, err := c.valueOf(db, key)
		c.must(err)
		c.tellsNothing("Redis at "+key, value, true)
	}
	c.must(keys.Err())
	if seen == 0 {
		c.t.Error("Redis is empty")
	}
}

// valueOf is a value of any kind, as JSON.
func (c *canary) valueOf(db *redis.Client, key string) (string, error) {
	kind, err := db.Type(c.ctx, key).Result()
	if err != nil {
		return "", err
	}
	var v any
	switch kind {
	case "string":
		v, err = db.Get(c.ctx, key).Result()
	case "hash":
		v, err = db.HGetAll(c.ctx, key).Result()
	case "list":
		v, err = db.LRange(c.ctx, key, 0, -1).Result()
	case "set":
		v, err = db.SMembers(c.ctx, key).Result()
	case "zset":
		v, err = db.ZRangeWithScores(c.ctx, key, 0, -1).Result()
	case "stream":
		v, err = db.XRange(c.ctx, key, "-", "+").Result()
	case "none": // it went meanwhile
	}
	if err != nil {
		return "", fmt.Errorf("read %s %s: %w", kind, key, err)
	}
	b, err := json.Marshal(v)
	return string(b), err
}
