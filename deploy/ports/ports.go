// Package ports finds ports for programs that are told where to listen before they start.
//
// A port that was free when somebody looked can be taken before the program listens on it:
// by an outgoing connection, by another test that looked too, by the same one that looks
// again. So [Free] looks only below those the kernel gives to outgoing connections and above
// RTP's, and writes down, for all processes of this user, what it gave away.
package ports

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// The ports that are given away: Linux takes 32768 and up for outgoing connections, and our
// Asterisks 10000 to 19999 for RTP.
const (
	lowest = 20000
	many   = 12000
)

// kept is how long a port is nobody else's: longer than a rig takes to start, or a server that
// was killed to be started again.
const kept = 10 * time.Minute

// Free gives n different ports of 127.0.0.1 that are free for TCP and for UDP, and gives none
// of them again within ten minutes, to whichever process of this user. It fails when hardly
// any is left, or when the temporary folder cannot be written to. Safe for concurrent use.
func Free(n int) ([]int, error) {
	b, err := open(filepath.Join(os.TempDir(), fmt.Sprintf("hotline-ports-%d", os.Getuid())))
	if err != nil {
		return nil, fmt.Errorf("free port: %w", err)
	}
	defer b.file.Close()
	return b.take(n, time.Now())
}

// book is the file of when each port was given away, in seconds, locked while it is open.
type book struct{ file *os.File }

const entry = 8 // octets

func open(name string) (book, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return book{}, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return book{}, fmt.Errorf("lock %s: %w", name, err)
	}
	return book{f}, nil
}

func (b book) take(n int, now time.Time) ([]int, error) {
	found := make([]int, 0, n)
	for _, i := range rand.Perm(many) {
		if len(found) == n {
			break
		}
		given, err := b.given(i)
		if err != nil {
			return nil, fmt.Errorf("free port: %w", err)
		}
		// A time to come was written before somebody set the clock back.
		if ago := now.Sub(given); ago >= 0 && ago < kept || !free(lowest+i) {
			continue
		}
		if err := b.give(i, now); err != nil {
			return nil, fmt.Errorf("free port: %w", err)
		}
		found = append(found, lowest+i)
	}
	if len(found) < n {
		return nil, errors.New("free port: none is left")
	}
	return found, nil
}

// given is when a port was given away; a book that ends before it says long ago.
func (b book) given(i int) (time.Time, error) {
	var at [entry]byte
	if _, err := b.file.ReadAt(at[:], int64(i)*entry); errors.Is(err, io.EOF) {
		return time.Time{}, nil
	} else if err != nil {
		return time.Time{}, err
	}
	return time.Unix(int64(binary.LittleEndian.Uint64(at[:])), 0), nil
}

func (b book) give(i int, now time.Time) error {
	_, err := b.file.WriteAt(binary.LittleEndian.AppendUint64(nil, uint64(now.Unix())), int64(i)*entry)
	return err
}

func free(port int) bool {
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	defer l.Close()
	u, err := net.ListenPacket("udp", addr)
	if err != nil {
		return false
	}
	return u.Close() == nil
}
