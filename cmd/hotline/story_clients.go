package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// jsonClient speaks JSON with one server.
type jsonClient struct {
	base   string
	header http.Header
}

func (c jsonClient) get(ctx context.Context, path string, out any) error {
	return c.do(ctx, http.MethodGet+" "+path, nil, out)
}

func (c jsonClient) post(ctx context.Context, path string, in, out any) error {
	return c.do(ctx, http.MethodPost+" "+path, in, out)
}

// do sends in to an address like "GET /healthz" and reads the answer into out, text as it is if out is a *string. Any
// status but 2xx is an error with the server's own words.
func (c jsonClient) do(ctx context.Context, what string, in, out any) error {
	method, path, _ := strings.Cut(what, " ")
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	for k, v := range c.header {
		req.Header[k] = v
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s: %.300s", what, res.Status, problemWords(answer))
	}
	switch o := out.(type) {
	case nil:
		return nil
	case *string:
		*o = string(answer)
		return nil
	case *[]byte:
		*o = answer
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s: %w in %.300s", what, err, answer)
	}
	return nil
}

// problemWords are a problem document's for people, with the field and the clause it names;
// what is none is told as it is.
func problemWords(answer []byte) string {
	var p struct{ Detail, Field, Rule string }
	if json.Unmarshal(answer, &p) != nil || p.Detail == "" {
		return string(answer)
	}
	var about []string
	if p.Field != "" {
		about = append(about, "field "+p.Field)
	}
	if p.Rule != "" {
		about = append(about, "clause "+p.Rule)
	}
	if len(about) == 0 {
		return p.Detail
	}
	return p.Detail + " [" + strings.Join(about, ", ") + "]"
}

// download posts in and writes the answer to w as it comes, however long it is.
func (c jsonClient) download(ctx context.Context, path string, in any, w io.Writer) error {
	b, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header = c.header.Clone()
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(io.LimitReader(res.Body, 300)) // the status is what failed
		return fmt.Errorf("%s: %s: %s", path, res.Status, answer)
	}
	if _, err := io.Copy(w, res.Body); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// patience is how long it is waited for what must happen sometime: long, since a machine
// that does much at once may stand still for a minute.
const patience = 3 * time.Minute

// eventually asks again and again, since what is waited for happens in another
// process; it ends with what was last wrong when ctx or patience is over.
func eventually(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	var wrong error
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		if wrong == nil || ctx.Err() == nil {
			wrong = err // not the request that the end of time cut off
		}
		select {
		case <-ctx.Done():
			return wrong
		case <-tick.C:
		}
	}
}
