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
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Config says where the windows live and how they tell time.
type Config struct {
	Redis  redis.UniversalClient // required; a single server, Sentinel or Cluster
	Secret []byte                // required, the same for all controllers: keys the HMAC that stands for a phone
	Log    *slog.Logger          // nil: discard
	Prefix string                // first part of every key; default "sv"

	Now     func() time.Time                       // nil: time.Now
	After   func(d time.Duration) <-chan time.Time // nil: time.After; Run's only timer
	UpTo    func() time.Time                       // inbound watermark: texts sent before it have arrived; nil: Now
	Sleep   time.Duration                          // longest pause of Run between looks; default 30 s
	Hold    time.Duration                          // longest wait of an expiry for a stuck watermark; default 48 h
	Retain  time.Duration                          // how long settled windows and verdicts are remembered; default 7 days
	Timeout time.Duration                          // of one Redis round trip; default 1 s
}

// Windows are the open windows in Redis. It is safe for concurrent use, by many
// goroutines and by many controllers on one Redis.
type Windows struct {
	cfg  Config
	wake chan struct{} // an Open may have brought a nearer deadline

	resting atomic.Int64 // until then nobody waits for Redis; microseconds since 1970
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
		cfg.Prefix = "sv"
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
	orDefault(&cfg.Sleep, 30*time.Second)
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
// meanwhile, so that receipts may come twice. It works on a cold Redis too: the
// rebuild that follows only adds. It fails with ErrBadWindow; with ErrCold for some
// seconds after Redis did not answer; or with Redis's own error.
func (w *Windows) Open(ctx context.Context, win Window) (err error) {
	win.Settled = false
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
	if err := w.cfg.Redis.Set(ctx, w.index(win.ID), p.phone, w.untilForgotten(win)).Err(); err != nil {
		return fmt.Errorf("open survey window %s: %w", win.ID, err)
	}
	if err := w.put(ctx, p, "", []string{win.ID, packed}); err != nil {
		return fmt.Errorf("open survey window %s: %w", win.ID, err)
	}
	if win.Deadline.Before(w.cfg.Now().Add(w.cfg.Sleep)) {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
	return nil
}

// Close remembers a window as settled, because SQL settled it by itself. Unknown
// windows are ignored.
func (w *Windows) Close(ctx context.Context, id string) error {
	return w.Confirm(ctx, []string{id})
}

// Confirm ends the proposals of Due for surveys that SQL has settled (or found
// settled before). Confirming twice, or a window that was answered meanwhile,
// changes nothing.
func (w *Windows) Confirm(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	for _, id := range ids {
		if err := w.confirm(ctx, id); err != nil {
			return fmt.Errorf("close survey window %s: %w", id, err)
		}
	}
	return nil
}

func (w *Windows) confirm(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	phone, err := w.cfg.Redis.Get(ctx, w.index(id)).Result()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if err != nil {
		return err
	}
	p := w.placeOf(phone)
	return closeScript.Run(ctx, w.cfg.Redis, []string{p.windows, p.due},
		id, p.phone, w.cfg.Now().UnixMilli(), w.cfg.Retain.Milliseconds()).Err()
}

// untilForgotten is how long the index of a window is of use.
func (w *Windows) untilForgotten(win Window) time.Duration {
	return max(win.Deadline.Sub(w.cfg.Now()), 0) + w.cfg.Hold + w.cfg.Retain
}

// place is where everything about one phone lives: one hash tag, so one slot of a
// cluster, so that one script may touch all of it.
type place struct {
	bucket  int
	phone   string // HMAC, 22 characters; no number ever reaches Redis
	windows string // HASH survey id -> packed window
	due     string // ZSET id|phone by deadline, of the whole bucket
	epoch   string // present while the bucket knows its windows
	loading string // present while somebody rebuilds the bucket
	tag     string
}

// buckets is how many slots the windows spread over; fixed, since it is in the keys.
const buckets = 256

func (w *Windows) place(phone string) place {
	mac := hmac.New(sha256.New, w.cfg.Secret)
	mac.Write([]byte(phone))
	return w.placeOf(base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16]))
}

func (w *Windows) placeOf(phone string) place {
	sum := 0
	for _, c := range []byte(phone[:min(4, len(phone))]) {
		sum = sum*31 + int(c)
	}
	p := w.bucket(sum % buckets)
	p.phone = phone
	p.windows = p.tag + "p:" + phone
	return p
}

func (w *Windows) bucket(n int) place {
	tag := w.cfg.Prefix + ":{" + w.cfg.Prefix + strconv.Itoa(n) + "}:"
	return place{bucket: n, tag: tag, due: tag + "due", epoch: tag + "epoch", loading: tag + "loading"}
}

// index finds a survey's phone. It lives outside the buckets: it is what finds them.
func (w *Windows) index(id string) string { return w.cfg.Prefix + ":i:" + id }

// pack writes a window as one hash value; the scripts take it apart by "|".
func pack(win Window) (string, error) {
	for _, s := range []string{win.ID, win.Slot, win.Order} {
		if strings.ContainsAny(s, "|{}\n") {
			return "", fmt.Errorf("%w: %q holds a reserved character", ErrBadWindow, s)
		}
	}
	if win.ID == "" || win.Phone == "" || win.OpenedAt.IsZero() || !win.Deadline.After(win.OpenedAt) {
		return "", fmt.Errorf("%w: survey %q needs id, phone, opening and a later deadline", ErrBadWindow, win.ID)
	}
	state := stateOpen
	if win.Settled {
		state = stateSettled
	}
	return strings.Join([]string{state, "0", "0",
		strconv.FormatInt(win.OpenedAt.UnixMilli(), 10), strconv.FormatInt(win.Deadline.UnixMilli(), 10),
		win.Slot, OrderKey(win.Order), win.Order}, "|"), nil
}

// The states of a packed window. Only scripts change them, and never back to open.
const (
	stateOpen    = "o"
	stateRated   = "r" // answered; the rating is packed beside it
	stateSettled = "s" // SQL says it is over
)

// unpack is the reverse of pack; invalid is the number of invalid attempts.
func unpack(id, packed string) (win Window, state string, invalid int, err error) {
	f := strings.Split(packed, "|")
	if len(f) != 8 {
		return Window{}, "", 0, fmt.Errorf("survey %s: %d fields in its window, want 8", id, len(f))
	}
	invalid, errInvalid := strconv.Atoi(f[2])
	opened, errOpened := strconv.ParseInt(f[3], 10, 64)
	deadline, errDeadline := strconv.ParseInt(f[4], 10, 64)
	if err := errors.Join(errInvalid, errOpened, errDeadline); err != nil {
		return Window{}, "", 0, fmt.Errorf("survey %s: %w", id, err)
	}
	win = Window{ID: id, Slot: f[5], Order: f[7], Settled: f[0] != stateOpen,
		OpenedAt: time.UnixMilli(opened).UTC(), Deadline: time.UnixMilli(deadline).UTC()}
	return win, f[0], invalid, nil
}
