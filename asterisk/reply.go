package asterisk

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httputil"
	"strconv"
)

const (
	mostHeaders = 100
	mostUnread  = 64 << 10 // bytes that are read and thrown away to use a connection again
)

// reply is an answer whose head has been read; its body is what Read gives. Close gives
// the connection back, or closes it when the answer was not all there.
type reply struct {
	status int

	client *client
	link   *link
	ctx    context.Context // whose end interrupts the connection
	stop   func() bool     // of that

	body   io.Reader
	old    bool // HTTP/1.0
	framed bool // the body's end is known and the connection may be used again
	ended  bool // it was reached
}

// errNotHTTP is wrapped by every error about an answer that cannot be read.
var errNotHTTP = errors.New("malformed HTTP answer")

// readHead reads the first line and the headers, of which three matter.
func (r *reply) readHead(in *bufio.Reader) error {
	for {
		if err := r.readStatus(in); err != nil {
			return err
		}
		length, chunked := int64(-1), false
		for n := 0; ; n++ {
			line, err := readLine(in)
			if err != nil {
				return err
			}
			if len(line) == 0 {
				break
			}
			name, value, found := bytes.Cut(line, []byte(":"))
			if n == mostHeaders || !found || len(name) == 0 || bytes.ContainsAny(name, " \t") {
				return fmt.Errorf("%w: header %.80q", errNotHTTP, line)
			}
			switch value = bytes.TrimSpace(value); {
			case bytes.EqualFold(name, []byte("Content-Length")):
				n, err := strconv.ParseUint(string(value), 10, 63)
				if err != nil || length >= 0 && length != int64(n) {
					return fmt.Errorf("%w: length %.80q", errNotHTTP, value)
				}
				length = int64(n)
			case bytes.EqualFold(name, []byte("Transfer-Encoding")):
				if chunked || r.old || !bytes.EqualFold(value, []byte("chunked")) {
					return fmt.Errorf("%w: encoding %.80q", errNotHTTP, value)
				}
				chunked = true
			case bytes.EqualFold(name, []byte("Connection")):
				r.framed = r.framed && !bytes.EqualFold(value, []byte("close"))
			}
		}
		if r.status >= 200 {
			r.frame(in, length, chunked)
			return nil
		}
	}
}

// readStatus reads "HTTP/1.1 200 OK".
func (r *reply) readStatus(in *bufio.Reader) error {
	line, err := readLine(in)
	if err != nil {
		return err
	}
	version, rest, _ := bytes.Cut(line, []byte(" "))
	code, _, _ := bytes.Cut(rest, []byte(" "))
	status, err := strconv.ParseUint(string(code), 10, 16)
	current := string(version) == "HTTP/1.1"
	if !current && string(version) != "HTTP/1.0" || err != nil || len(code) != 3 || status < 100 {
		return fmt.Errorf("%w: %.80q", errNotHTTP, line)
	}
	r.status, r.framed, r.old = int(status), current, !current
	return nil
}

// readLine reads a line of at most the reader's buffer, without its end. It is valid
// until the next read.
func readLine(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, fmt.Errorf("%w: line too long", errNotHTTP)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotHTTP, unexpected(err))
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), nil
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// frame says where the body ends.
func (r *reply) frame(in *bufio.Reader, length int64, chunked bool) {
	switch {
	case r.status == 204 || r.status == 304:
		r.body = &sized{in, 0}
	case chunked:
		r.body = httputil.NewChunkedReader(in)
		r.framed = false // what may follow the last chunk is not worth reading
	case length >= 0:
		r.body = &sized{in, length}
	default:
		r.body, r.framed = in, false
	}
}

// sized is a body of a known length; less of it is an error.
type sized struct {
	in   *bufio.Reader
	left int64
}

// Read is io.Reader.
func (s *sized) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	n, err := s.in.Read(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	if err != nil && s.left > 0 {
		return n, unexpected(err)
	}
	return n, nil
}

// Read is io.Reader.
func (r *reply) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	if err == io.EOF {
		r.ended = true
	} else if err != nil {
		err = why(r.ctx, err)
	}
	return n, err
}

// Close is io.Closer; it must be called once.
func (r *reply) Close() error {
	defer func() { <-r.client.slots }()
	if r.framed && !r.ended {
		io.CopyN(io.Discard, r, mostUnread)
	}
	if r.stop() && r.framed && r.ended && r.link.in.Buffered() == 0 {
		r.client.keep(r.link)
		return nil
	}
	return r.link.conn.Close()
}
