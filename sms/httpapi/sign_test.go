package httpapi

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// The examples in the carriers' own documentation of their signatures.
func TestSignRPCAgreesWithThePublishedExamples(t *testing.T) {
	for want, params := range map[string]map[string]string{
		"CT9X0VtwR86fNWSnsc6v8YGOjuE=": {
			"TimeStamp": "2016-02-23T12:46:24Z", "Format": "XML", "AccessKeyId": "testid", "Action": "DescribeRegions",
			"SignatureMethod": "HMAC-SHA1", "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
			"Version": "2014-05-26", "SignatureVersion": "1.0", "Signature": "is not signed",
		},
		"zJDF+Lrzhj/ThnlvIToysFRq6t4=": {
			"AccessKeyId": "testId", "Action": "SendSms", "Format": "XML", "OutId": "123", "PhoneNumbers": "15300000001",
			"RegionId": "cn-hangzhou", "SignName": "阿里云短信测试专用", "SignatureMethod": "HMAC-SHA1",
			"SignatureNonce": "45e25e9b-0a6f-4070-8c85-2956eda1b466", "SignatureVersion": "1.0", "TemplateCode": "SMS_71390007",
			"TemplateParam": `{"customer":"test"}`, "Timestamp": "2017-07-12T02:42:19Z", "Version": "2017-05-25",
		},
	} {
		values, secret := url.Values{}, "testsecret"
		for k, v := range params {
			values.Set(k, v)
		}
		if params["Action"] == "SendSms" {
			secret = "testSecret"
		}
		if got := SignRPC("GET", values, secret); got != want {
			t.Errorf("%s: signed %s, want %s", params["Action"], got, want)
		}
	}
}

func TestPercentFollowsRFC3986(t *testing.T) {
	if got := percent("a b*~-_./中+"); got != "a%20b%2A~-_.%2F%E4%B8%AD%2B" {
		t.Error(got)
	}
}

// example is the request of the published example of TC3, but for its host, which is the
// carrier's own.
func example() TC3 {
	return TC3{
		Key: "AKID********************************", Secret: strings.Repeat("*", 32), Service: "cvm", Host: "carrier.invalid",
		Action: "DescribeInstances", ContentType: "application/json; charset=utf-8", At: time.Unix(1551113065, 0),
		Payload: []byte(`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`),
	}
}

func TestSignTC3AgreesWithThePublishedExample(t *testing.T) {
	const (
		payload   = "35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064"
		canonical = "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84" // with the host as published
		signature = "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
	)
	e := example()
	if got := sum(e.Payload); got != payload {
		t.Errorf("payload hashes to %s", got)
	}
	want := "POST\n/\n\ncontent-type:application/json; charset=utf-8\nhost:carrier.invalid\nx-tc-action:describeinstances\n\n" +
		"content-type;host;x-tc-action\n" + payload
	if got := e.canonical(); got != want {
		t.Errorf("canonical request:\n%s\nwant\n%s", got, want)
	}
	if got := e.sign(canonical); got != signature {
		t.Errorf("signed %s, want %s", got, signature)
	}
	head := "TC3-HMAC-SHA256 Credential=AKID********************************/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host;x-tc-action, Signature="
	if got := e.Authorization(); !strings.HasPrefix(got, head) || len(got) != len(head)+64 {
		t.Errorf("Authorization: %s", got)
	}
}
