package smstest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/sms/httpapi"
)

// cloudAliyun is an interface in the style of Aliyun's.
type cloudAliyun struct{ cloudProtocol }

var aliyunCodes = map[uint32]string{
	CloudLater: "isv.BUSINESS_LIMIT_CONTROL", CloudNever: "isv.MOBILE_NUMBER_ILLEGAL", cloudBusy: "Throttling.User",
}

func (cloudAliyun) id(n uint64, _ time.Time) string { return fmt.Sprintf("%d^0", n) }

func (cloudAliyun) serve(c *Cloud, r cloudRequest) {
	form, err := url.ParseQuery(string(r.body))
	refuse := func(code string) {
		say(r.w, http.StatusBadRequest, map[string]any{"Code": code, "Message": code, "RequestId": "R"})
	}
	at, timeErr := time.Parse("2006-01-02T15:04:05Z", form.Get("Timestamp"))
	switch {
	case err != nil:
		refuse("MalformedRequest")
	case c.c.opt.SystemID != "" && form.Get("AccessKeyId") != c.c.opt.SystemID:
		refuse("InvalidAccessKeyId.NotFound")
	case timeErr != nil || !c.timely(at):
		refuse("InvalidTimeStamp.Expired")
	case form.Get("Signature") != httpapi.SignRPC(r.Method, form, c.c.opt.Password):
		refuse("SignatureDoesNotMatch")
	case !c.fresh(form.Get("SignatureNonce")):
		refuse("SignatureNonceUsed")
	case form.Get("Action") == "SendSms":
		aliyunSend(c, r, form)
	case form.Get("Action") == "QuerySendDetails":
		aliyunDetails(c, r.w, form)
	default:
		refuse("InvalidAction.NotFound")
	}
}

func aliyunSend(c *Cloud, r cloudRequest, form url.Values) {
	var params map[string]string
	if err := json.Unmarshal([]byte(form.Get("TemplateParam")), &params); err != nil && form.Get("TemplateParam") != "" {
		say(r.w, http.StatusOK, map[string]any{"Code": "isv.INVALID_JSON_PARAM", "Message": "参数不合法"})
		return
	}
	values := slices.Collect(maps.Values(params)) // a template of the simulator has one slot
	s := cloudSubmit{form.Get("OutId"), form.Get("PhoneNumbers"), form.Get("SmsUpExtendCode"), form.Get("SignName"), strings.Join(values, "")}
	c.take(r, s, func(sub Submit, status uint32) {
		switch status {
		case 0:
			say(r.w, http.StatusOK, map[string]any{"Code": "OK", "Message": "OK", "BizId": sub.ID, "RequestId": "R"})
		case cloudBusy:
			say(r.w, http.StatusBadRequest, map[string]any{"Code": aliyunCodes[status], "Message": "流控", "RequestId": "R"})
		default:
			say(r.w, http.StatusOK, map[string]any{"Code": aliyunCodes[status], "Message": "拒绝", "RequestId": "R"})
		}
	})
}

// aliyunDetails lists the texts to a phone, or one of them.
func aliyunDetails(c *Cloud, w http.ResponseWriter, form url.Values) {
	c.knows()
	list := []any{}
	for _, s := range c.Submits() {
		day := s.At.In(time.FixedZone("CST", 8*60*60)).Format("20060102")
		if s.To != form.Get("PhoneNumber") || day != form.Get("SendDate") || form.Get("BizId") != "" && form.Get("BizId") != s.ID {
			continue
		}
		detail := map[string]any{"PhoneNum": s.To, "SendStatus": 1, "Content": s.Text, "SendDate": clockTime(s.At), "OutId": s.Ref}
		c.mu.Lock()
		if n := c.states[s.ID]; n != nil {
			detail["SendStatus"], detail["ErrCode"], detail["ReceiveDate"] = 2, aliyunState(n.state), clockTime(n.receipt.done)
			if n.state == "DELIVRD" {
				detail["SendStatus"] = 3
			}
		}
		c.mu.Unlock()
		list = append(list, detail)
	}
	say(w, http.StatusOK, map[string]any{
		"Code": "OK", "Message": "OK", "TotalCount": len(list), "SmsSendDetailDTOs": map[string]any{"SmsSendDetailDTO": list},
	})
}

// aliyunState is a receipt's state as this interface writes it.
func aliyunState(state string) string {
	if state == "DELIVRD" {
		return "DELIVERED"
	}
	return state
}

func (cloudAliyun) callback(n *news) (kind string, body []byte) {
	if t := n.text; t != nil {
		body, _ = json.Marshal([]any{map[string]any{
			"phone_number": t.from, "content": t.text, "send_time": clockTime(t.at), "dest_code": cmp.Or(t.ext(), "1234"), "sequence_id": t.id,
		}})
		return "/texts", body
	}
	body, _ = json.Marshal([]any{map[string]any{
		"phone_number": n.sub.To, "send_time": clockTime(n.sub.At), "report_time": clockTime(n.receipt.done),
		"success": n.state == "DELIVRD", "err_code": aliyunState(n.state), "err_msg": n.state, "sms_size": "1",
		"biz_id": n.sub.ID, "out_id": n.sub.Ref,
	}})
	return "/receipts", body
}

// cloudTencent is an interface in the style of Tencent Cloud's.
type cloudTencent struct{ cloudProtocol }

var tencentCodes = map[uint32]string{
	CloudLater: "LimitExceeded.PhoneNumberThirtySecondLimit", CloudNever: "InvalidParameterValue.IncorrectPhoneNumber",
}

func (cloudTencent) id(n uint64, _ time.Time) string { return fmt.Sprintf("5000:%d", n) }

func (cloudTencent) serve(c *Cloud, r cloudRequest) {
	reply := func(v map[string]any) { say(r.w, http.StatusOK, map[string]any{"Response": v}) }
	refuse := func(code string) {
		reply(map[string]any{"Error": map[string]any{"Code": code, "Message": code}, "RequestId": "R"})
	}
	seconds, _ := strconv.ParseInt(r.Header.Get("X-TC-Timestamp"), 10, 64)
	signed := httpapi.TC3{
		Key: c.c.opt.SystemID, Secret: c.c.opt.Password, Service: "sms", Host: r.Host, Action: r.Header.Get("X-TC-Action"),
		ContentType: r.Header.Get("Content-Type"), Payload: r.body, At: time.Unix(seconds, 0),
	}
	if signed.Key == "" { // anybody
		_, after, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
		signed.Key, _, _ = strings.Cut(after, "/")
	}
	switch {
	case !c.timely(signed.At):
		refuse("AuthFailure.SignatureExpire")
		return
	case r.Header.Get("Authorization") != signed.Authorization():
		refuse("AuthFailure.SignatureFailure")
		return
	}
	var req struct {
		PhoneNumberSet, TemplateParamSet                              []string
		SmsSdkAppID, SignName, TemplateID, ExtendCode, SessionContext string
		Limit                                                         int
	}
	if json.Unmarshal(r.body, &req) != nil || req.SmsSdkAppID == "" {
		refuse("InvalidParameter")
		return
	}
	switch action := signed.Action; {
	case action == "SendSms" && len(req.PhoneNumberSet) == 1:
		s := cloudSubmit{req.SessionContext, req.PhoneNumberSet[0], req.ExtendCode, req.SignName, strings.Join(req.TemplateParamSet, "")}
		c.take(r, s, func(sub Submit, status uint32) {
			if status == cloudBusy {
				refuse("RequestLimitExceeded")
				return
			}
			one := map[string]any{"SerialNo": sub.ID, "PhoneNumber": s.to, "Fee": 1, "SessionContext": s.ref, "Code": "Ok", "Message": "send success"}
			if status != 0 {
				one["SerialNo"], one["Code"], one["Message"] = "", tencentCodes[status], "refused"
			}
			reply(map[string]any{"SendStatusSet": []any{one}, "RequestId": "R"})
		})
	case action == "PullSmsSendStatus":
		c.knows()
		reply(map[string]any{"PullSmsSendStatusSet": tencentPulled(c.pulled(false, req.Limit)), "RequestId": "R"})
	case action == "PullSmsReplyStatus":
		c.knows()
		reply(map[string]any{"PullSmsReplyStatusSet": tencentPulled(c.pulled(true, req.Limit)), "RequestId": "R"})
	default:
		refuse("InvalidAction")
	}
}

// tencentPulled is a list as a pull gives it.
func tencentPulled(all []*news) []any {
	list := []any{}
	for _, n := range all {
		if t := n.text; t != nil {
			list = append(list, map[string]any{
				"ExtendCode": t.ext(), "CountryCode": "86", "PhoneNumber": "+86" + t.from, "SubscriberNumber": t.from,
				"SignName": "热线", "ReplyContent": t.text, "ReplyTime": t.at.Unix(),
			})
			continue
		}
		list = append(list, map[string]any{
			"UserReceiveTime": n.receipt.done.Unix(), "CountryCode": "86", "SubscriberNumber": n.sub.To, "PhoneNumber": "+86" + n.sub.To,
			"SerialNo": n.sub.ID, "ReportStatus": tencentState(n.state), "Description": n.state, "SessionContext": n.sub.Ref,
		})
	}
	return list
}

func tencentState(state string) string {
	if state == "DELIVRD" {
		return "SUCCESS"
	}
	return "FAIL"
}

func (cloudTencent) callback(n *news) (kind string, body []byte) {
	if t := n.text; t != nil {
		body, _ = json.Marshal(map[string]any{
			"extend": t.ext(), "mobile": t.from, "nationcode": "86", "sign": "热线", "text": t.text, "time": t.at.Unix(),
		})
		return "/texts", body
	}
	body, _ = json.Marshal([]any{map[string]any{
		"user_receive_time": clockTime(n.receipt.done), "nationcode": "86", "mobile": n.sub.To,
		"report_status": tencentState(n.state), "errmsg": n.state, "description": n.state, "sid": n.sub.ID,
	}})
	return "/receipts", body
}
