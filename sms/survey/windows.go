package survey

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Config says where the windows live and how they tell time.
type Config struct {
	Redis  redis.UniversalClient // required; a single server, Sentinel or Cluster
	Secret []byte                // required, the same for all controllers: keys the HMAC that stands for a phone
	Log    *slog.Logger          // nil: discard
	Prefix string                // first part of every key; default "sv2"

	Now     func() time.Time                       // nil: time.Now
	After   func(d time.Duration) <-chan time.Time // nil: time.After; Run's only timer
	UpTo    func() time.Time                       // inbound watermark: texts sent before it have arrived; nil: Now
	Sleep   time.Duration                          // longest pause of Run between looks; default 10 s
	Hold    time.Duration                          // longest wait of an expiry for a stuck watermark, and how long verdicts are remembered; default 48 h
	Retain  time.Duration                          // how long ended windows are remembered; default 7 days
	Timeout time.Duration                          // of one Redis round trip that a text waits for; default 1 s
}

// Windows are the open windows in Redis. It is safe for concurrent use, by many
// goroutines and by many controllers on one Redis.
type Windows struct {
	cfg  Config
	wake chan struct{} // an Open brought a nearer deadline, or a Reply found Redis cold

	resting atomic.Int64 // until then nobody waits for Redis; microseconds since 1970

	walk walk // Run's own
	seen drifting
}

// rest is how long replies and openings leave a Redis alone that did not answer: a slow
// one must not hold up every text for its Timeout.
const rest = 5 * time.Second

// rested fails with ErrCold while Redis is left alone.
func (w *Windows) rested() error {
	if w.cfg.Now().UnixMicro() < w.resting.Load() {
		return fmt.Errorf("%w: Redis did not answer a moment ago", ErrCold)
	}
	return nil
}

// noteSilence leaves Redis alone for a while if an error says that it is away.
func (w *Windows) noteSilence(err error) {
	if err != nil && !errors.Is(err, ErrCold) && !errors.Is(err, ErrBadWindow) {
		w.resting.Store(w.cfg.Now().Add(rest).UnixMicro())
	}
}

// unhurried bounds a round trip that no text waits for and that may do a lot.
func (w *Windows) unhurried(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, 10*w.cfg.Timeout)
}

// New checks the configuration. It does not talk to Redis.
func New(cfg Config) (*Windows, error) {
	if cfg.Redis == nil {
		return nil, errors.New("survey windows: no Redis client")
	}
	if len(cfg.Secret) < 16 {
		return nil, errors.New("survey windows: the secret needs at least 16 bytes")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Prefix == "" {
		cfg.Prefix = "sv2" // what "sv" held was packed otherwise; it is filled anew from SQL
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.After == nil {
		cfg.After = time.After
	}
	if cfg.UpTo == nil {
		cfg.UpTo = cfg.Now
	}
	orDefault(&cfg.Sleep, 10*time.Second)
	orDefault(&cfg.Hold, 48*time.Hour)
	orDefault(&cfg.Retain, 7*24*time.Hour)
	orDefault(&cfg.Timeout, time.Second)
	return &Windows{cfg: cfg, wake: make(chan struct{}, 1)}, nil
}

func orDefault(d *time.Duration, value time.Duration) {
	if *d <= 0 {
		*d = value
	}
}

// Open opens a window. Opening it again changes nothing, whatever became of it
// meanwhile, so that receipts may come twice. Times count in whole seconds. It works on
// a cold Redis too: the rebuild that follows only adds. It fails with ErrBadWindow; with
// ErrCold for some seconds after Redis did not answer; or with Redis's own error.
func (w *Windows) Open(ctx context.Context, win Window) (err error) {
	packed, err := pack(win)
	if err != nil {
		return err
	}
	if err := w.rested(); err != nil {
		return err
	}
	defer func() { w.noteSilence(err) }()
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	p := w.place(win.Phone)
	if err := putScript.Run(ctx, w.cfg.Redis, []string{p.due, p.loading, p.windows}, "", "", 3, win.ID, packed).Err(); err != nil {
		return fmt.Errorf("open survey window %s: %w", win.ID, err)
	}
	if win.Deadline.Before(w.cfg.Now().Add(w.cfg.Sleep)) {
		w.rouse()
	}
	return nil
}

// Close ends a window that SQL has ended otherwise; one that is not open stays as it is.
// It fails as Open does, and what is left open then is found by the walk of Run.
func (w *Windows) Close(ctx context.Context, win Window) (err error) {
	if err := w.rested(); err != nil {
		return err
	}
	defer func() { w.noteSilence(err) }()
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	p := w.place(win.Phone)
	err = closeScript.Run(ctx, w.cfg.Redis, []string{p.due, p.windows}, w.cfg.Now().Unix(), secondsOf(w.cfg.Retain), 2, win.ID).Err()
	if err != nil {
		return fmt.Errorf("close survey window %s: %w", win.ID, err)
	}
	return nil
}

// rouse ends Run's pause.
func (w *Windows) rouse() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// bucket is where everything about some phones lives: one hash tag, so one slot of a
// cluster, so that one script may touch all of it. Each may be lost, and is filled
// again, by itself.
type bucket struct {
	number      int
	due         string // ZSET phone by its first open window's deadline
	settlements string // STREAM of windows that ended and that SQL has not taken yet
	epoch       string // present while the bucket knows its windows
	loading     string // present while somebody rebuilds the bucket
	tag         string
}

// place is the bucket of one phone, and what in it is the phone's.
type place struct {
	bucket
	phone   string // HMAC, phoneSize characters; no number ever reaches Redis
	windows string // HASH survey id -> packed window; the key ends in phone
}

// buckets is how many slots the windows spread over; fixed, since it is in the keys.
const buckets = 256

// phoneSize is how many characters stand for a phone: 96 bits of its HMAC, of which two
// among a billion phones are the same once in a hundred billion hotlines. The scripts
// know it.
const phoneSize = 16

func (w *Windows) place(phone string) place {
	mac := hmac.New(sha256.New, w.cfg.Secret)
	mac.Write([]byte(phone))
	return w.placeOf(base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:phoneSize*3/4]))
}

func (w *Windows) placeOf(phone string) place {
	sum := 0
	for _, c := range []byte(phone[:min(4, len(phone))]) {
		sum = sum*31 + int(c)
	}
	b := w.bucket(sum % buckets)
	return place{bucket: b, phone: phone, windows: b.hash(phone)}
}

func (w *Windows) bucket(n int) bucket {
	tag := w.cfg.Prefix + ":{" + strconv.Itoa(n) + "}:"
	return bucket{number: n, tag: tag, due: tag + "due", settlements: tag + "out", epoch: tag + "epoch", loading: tag + "loading"}
}

// hash is the key of a phone's windows.
func (b bucket) hash(phone string) string { return b.tag + "p:" + phone }

// secondsOf writes a duration for the scripts.
func secondsOf(d time.Duration) int64 { return int64(d / time.Second) }
