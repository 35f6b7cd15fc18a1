// Package redisdesks keeps, in Redis, the one sheet that the registers of desks of several
// controllers share. It knows nothing of desks: a sheet is a text with a stamp, written
// only in place of the one that its writer had read, so that no two controllers take one
// desk. All of it is one key and one channel, which a cluster serves too.
package redisdesks

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/redis/go-redis/v9"

	"hotline/ivr"
)

// Board is an [ivr.Board] in Redis. Safe for concurrent use.
type Board struct {
	client redis.UniversalClient
	key    string // HASH stamp, sheet
	news   string // channel
}

var _ ivr.Board = (*Board)(nil)

// New makes the board of all controllers that use the same prefix. It does not connect.
func New(client redis.UniversalClient, prefix string) *Board {
	key := prefix + ":{" + prefix + "-desks}"
	return &Board{client: client, key: key, news: key + ":changed"}
}

// swapScript writes a sheet in place of the one with a stamp. KEYS key. ARGV stamp, new
// stamp (empty: only ask), sheet, channel. It returns {new stamp}, {stamp} when only
// asked, or {stamp, sheet} of another one that stands there.
var swapScript = redis.NewScript(`
local stamp = redis.call('HGET', KEYS[1], 'stamp') or ''
if stamp ~= ARGV[1] then return {stamp, redis.call('HGET', KEYS[1], 'sheet') or ''} end
if ARGV[2] == '' then return {stamp} end
redis.call('HSET', KEYS[1], 'stamp', ARGV[2], 'sheet', ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[2])
return {ARGV[2]}
`)

// Swap is part of ivr.Board. A stamp is never used again, not even after Redis lost all.
func (b *Board) Swap(ctx context.Context, stamp string, sheet []byte) (now string, other []byte, err error) {
	next := ""
	if sheet != nil {
		next = rand.Text()
	}
	reply, err := swapScript.Run(ctx, b.client, []string{b.key}, stamp, next, sheet, b.news).StringSlice()
	switch {
	case err != nil:
		return "", nil, fmt.Errorf("board of desks: %w", err)
	case len(reply) == 2:
		return reply[0], []byte(reply[1]), nil
	case len(reply) == 1:
		return reply[0], nil, nil
	}
	return "", nil, fmt.Errorf("board of desks: %d parts in the answer", len(reply))
}

// Watch is part of ivr.Board. What is published while Redis or the way to it is away is
// not heard of.
func (b *Board) Watch(ctx context.Context) <-chan struct{} {
	told := make(chan struct{}, 1)
	sub := b.client.Subscribe(ctx, b.news)
	go func() {
		defer sub.Close()
		news := sub.Channel()
		for {
			select {
			case <-ctx.Done():
				return
			case <-news:
			}
			select {
			case told <- struct{}{}:
			default: // told already
			}
		}
	}()
	return told
}
