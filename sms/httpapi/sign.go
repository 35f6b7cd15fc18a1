package httpapi

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sign is how requests are signed; without a method they are not, and a header of the
// request may carry {secret}.
type Sign struct {
	Method  string `yaml:"method"`  // hmac-sha1-rpc or tc3-hmac-sha256
	Service string `yaml:"service"` // tc3: the name of the service in the credential's scope
}

// The methods of signing.
const (
	SignRPCMethod = "hmac-sha1-rpc"
	SignTC3Method = "tc3-hmac-sha256"
)

// rpcParams adds what a request signed in the RPC style has beside its own parameters, and
// the signature.
func rpcParams(method string, params url.Values, c Config) {
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce) // never fails
	params.Set("AccessKeyId", c.Key)
	params.Set("SignatureMethod", "HMAC-SHA1")
	params.Set("SignatureVersion", "1.0")
	params.Set("SignatureNonce", hex.EncodeToString(nonce))
	params.Set("Timestamp", c.Clock.Now().UTC().Format("2006-01-02T15:04:05Z"))
	params.Set("Signature", SignRPC(method, params, c.Secret))
}

// SignRPC is the RPC style's signature over all parameters but Signature itself, of the
// query and of the form alike: the base64 of an HMAC-SHA1 over the method, the path / and
// the parameters in the order of their names.
func SignRPC(method string, params url.Values, secret string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if name != "Signature" {
			pairs = append(pairs, percent(name)+"="+percent(params.Get(name)))
		}
	}
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	_, _ = fmt.Fprintf(mac, "%s&%s&%s", method, percent("/"), percent(strings.Join(pairs, "&")))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// percent encodes all but letters, digits and - _ . ~ (RFC 3986).
func percent(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// TC3 is what a TC3 signature is made of.
type TC3 struct {
	Key, Secret, Service string
	Host, Action         string // headers Host and X-TC-Action
	ContentType          string
	Payload              []byte
	At                   time.Time // header X-TC-Timestamp
}

// signedHeaders are those that TC3 signs here.
const signedHeaders = "content-type;host;x-tc-action"

// canonical is the request as it is hashed: a POST of the payload to /.
func (t TC3) canonical() string {
	return strings.Join([]string{
		http.MethodPost, "/", "",
		"content-type:" + strings.ToLower(t.ContentType), "host:" + strings.ToLower(t.Host), "x-tc-action:" + strings.ToLower(t.Action), "",
		signedHeaders, sum(t.Payload),
	}, "\n")
}

// Authorization is the header of that name.
func (t TC3) Authorization() string {
	return fmt.Sprintf("TC3-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
		t.Key, t.scope(), signedHeaders, t.sign(sum([]byte(t.canonical()))))
}

// scope is the day in UTC, the service and a constant.
func (t TC3) scope() string {
	return t.At.UTC().Format("2006-01-02") + "/" + t.Service + "/tc3_request"
}

// sign is the signature over the hash of a canonical request.
func (t TC3) sign(hashed string) string {
	key := []byte("TC3" + t.Secret)
	for _, step := range strings.Split(t.scope(), "/") {
		key = mac256(key, step)
	}
	toSign := []string{"TC3-HMAC-SHA256", strconv.FormatInt(t.At.Unix(), 10), t.scope(), hashed}
	return hex.EncodeToString(mac256(key, strings.Join(toSign, "\n")))
}

func mac256(key []byte, s string) []byte {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(s))
	return mac.Sum(nil)
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
