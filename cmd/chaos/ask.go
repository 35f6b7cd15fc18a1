package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"hotline/asterisk/conf"
	"hotline/cmd/rig"
)

// bearer asks with a token, when it is not empty.
type bearer string

// askJSON asks as anybody.
func askJSON(ctx context.Context, what string, in, out any) error {
	return bearer("").ask(ctx, what, in, out)
}

// ask speaks JSON with one server at an address like "GET http://…"; any status but 2xx
// is an error.
func (b bearer) ask(ctx context.Context, what string, in, out any) error {
	method, url, _ := strings.Cut(what, " ")
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if b != "" {
		req.Header.Set("Authorization", "Bearer "+string(b))
	}
	return do(req, out)
}

// do sends a request and reads JSON into out, unless that is nil.
func do(req *http.Request, out any) error {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
	if err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %.300s", req.Method, req.URL.Path, res.Status, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

func postJSON(ctx context.Context, url string, in any) error {
	return askJSON(ctx, "POST "+url, in, nil)
}

// ari lists what one Asterisk has of a kind: channels or bridges.
func ari(ctx context.Context, s conf.Config, what string) (ids []string, err error) {
	var all []struct{ ID string }
	url := fmt.Sprintf("http://%s:%s@%s/ari/%s", s.ARIUser, s.ARIPass, rig.Local(s.ARIPort), what)
	if err := askJSON(ctx, "GET "+url, nil, &all); err != nil {
		return nil, err
	}
	for _, x := range all {
		ids = append(ids, x.ID)
	}
	return ids, nil
}

// again asks until there is no error or ctx ends, and then gives the last that was one.
func again(ctx context.Context, ask func(context.Context) error) error {
	var last error
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		if wait(ctx, 100*time.Millisecond) != nil {
			return last
		}
	}
}

// whole waits until every controller says that it misses nothing.
func (t *town) whole(ctx context.Context) error {
	return again(ctx, func(ctx context.Context) error {
		var wrong []error
		for _, c := range t.controllers() {
			wrong = append(wrong, askJSON(ctx, "GET "+"http://"+t.rig.Addr(c)+"/readyz", nil, nil))
		}
		return errors.Join(wrong...)
	})
}
