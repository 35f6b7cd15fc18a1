package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"hotline/sms"
	"hotline/sms/httpapi"
)

// httpSpec is what a carrier's HTTP interface alone has to be told.
type httpSpec struct {
	API       string            `yaml:"api"` // aliyun, tencent, plain, or a file (.yaml) that describes another
	Vars      map[string]string `yaml:"vars"`
	Templates []httpTemplate    `yaml:"templates"`
	Listen    string            `yaml:"listen"`    // where callbacks come in
	TokenEnv  string            `yaml:"token-env"` // the environment variable that holds the secret in their path
}

// httpTemplate is a text that the carrier approved, under its id.
type httpTemplate struct {
	ID   string `yaml:"id"`
	Text string `yaml:"text"`
}

func openHTTP(l linkSpec, secret string, tools linkTools) (sms.Transport, error) {
	api, err := l.HTTP.api()
	if err != nil {
		return nil, err
	}
	token := strings.Repeat("x", 16)
	if !tools.dry && l.HTTP.Listen != "" {
		if token = os.Getenv(l.HTTP.TokenEnv); token == "" {
			return nil, fmt.Errorf("link %s: the environment has no %s for the token of its callbacks (token-env)", l.Name, l.HTTP.TokenEnv)
		}
	}
	cfg := httpapi.Config{
		Name: l.Name, API: api, URL: l.Address, Key: l.User, Secret: secret, Vars: l.HTTP.Vars,
		Numbers: l.Numbers, ExtDigits: l.Extension.digits, Window: l.Window, Receipts: !l.NoReceipts,
		Listen: l.HTTP.Listen, Token: token, Clock: tools.clock, Log: tools.log.With("part", "http"),
	}
	for _, t := range l.HTTP.Templates {
		cfg.Templates = append(cfg.Templates, httpapi.Template(t))
	}
	return opened(httpapi.New(cfg))
}

// api is the description a link names.
func (h httpSpec) api() (httpapi.API, error) {
	if slices.Contains(httpapi.ReadyNames(), h.API) {
		return httpapi.Ready(h.API)
	}
	if !strings.HasSuffix(h.API, ".yaml") {
		return httpapi.API{}, fmt.Errorf("api %q is neither a file (.yaml) nor one of %s", h.API, strings.Join(httpapi.ReadyNames(), ", "))
	}
	src, err := os.ReadFile(h.API)
	if err != nil {
		return httpapi.API{}, fmt.Errorf("api: %w", err)
	}
	return httpapi.Parse(src)
}
