package gate

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
)

// Control is the control socket of an Asterisk on this machine, by the path of the file;
// conf puts it at run/asterisk.ctl. Whoever may open the file may do everything.
type Control string

// mostAnswer is how much of an answer is read.
const mostAnswer = 1 << 20

// Do gives a command as one types it at Asterisk's console and returns what that shows. That
// a command made no sense stands only there. Safe for concurrent use.
func (c Control) Do(ctx context.Context, command string) (string, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", string(c))
	if err != nil {
		return "", fmt.Errorf("asterisk's control socket: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	// A zero byte ends a command; the console that quits after it ends the answer.
	if _, err := fmt.Fprintf(conn, "cli quit after %s\x00", command); err != nil {
		return "", fmt.Errorf("asterisk's control socket: %w", err)
	}
	said, err := io.ReadAll(io.LimitReader(conn, mostAnswer))
	if err != nil {
		return "", fmt.Errorf("asterisk's control socket: %w", err)
	}
	_, answer, _ := strings.Cut(string(said), "\n") // who it is comes first
	return answer, nil
}
