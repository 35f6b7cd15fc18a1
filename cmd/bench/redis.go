package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/deploy/ports"
)

// startRedis starts the Redis in which Hotline keeps the notes of its calls, and returns
// once it answers.
func (r *rig) startRedis(ctx context.Context, repo string, s *site) error {
	free, err := ports.Free(1)
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(r.dir, "redis.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(repo, ".cache", "bin", "redis-server"), "--bind", "127.0.0.1",
		"--port", fmt.Sprint(free[0]), "--dir", r.dir, "--appendonly", "yes", "--appendfsync", "everysec", "--save", "")
	cmd.Stdout, cmd.Stderr = log, log
	if r.redis, err = spawn(cmd); err != nil {
		return fmt.Errorf("redis is not brought in (make parts): %w", err)
	}
	r.closers = append(r.closers, r.redis.stop)
	s.Redis = address(free[0])
	client := redis.NewClient(&redis.Options{Addr: s.Redis})
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for client.Ping(ctx).Err() != nil {
		select {
		case <-r.redis.gone:
			return fmt.Errorf("redis ended at once, see %s", log.Name())
		case <-ctx.Done():
			return fmt.Errorf("redis does not answer: %w", context.Cause(ctx))
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}
