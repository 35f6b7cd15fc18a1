package ivr

import "sort"

// Prompts the code itself plays, beside those a flow names. Their texts are in the
// catalogue (deploy/prompts); UsedPrompts tells the catalogue's lint about them.
const (
	promptGoodbye       = "goodbye"
	promptApology       = "apology"
	promptInterrupted   = "interrupted"
	promptNoKey         = "no-key"
	promptWrongKey      = "wrong-key"
	promptToPerson      = "to-person"
	promptRingback      = "tone-ringback"
	PromptBeep          = "tone-beep" // sounded by Asterisk before a recording
	promptCallEnded     = "call-ended"
	promptOrderNumber   = "order-number"
	promptOrderRepeat   = "order-number-repeat"
	promptConnectAgent  = "connecting-agent"
	promptAgentsBusy    = "agents-busy"
	promptAgentsWaiting = "agents-waiting"
	promptAgentsAway    = "all-agents-away"
	promptConnectDuty   = "connecting-duty"
	promptDutyNext      = "duty-trying-next"
	promptDutyAccept    = "duty-accept"
	promptTransfer      = "transfer-connecting"
	promptOutOfArea     = "out-of-area"
	promptTransferFail  = "transfer-failed"
	promptTransferDial  = "transfer-failed-number"

	promptVoicemailIntro  = "voicemail-intro"
	promptVoicemailThanks = "voicemail-thanks"
	promptVoicemailSaved  = "voicemail-saved"
	promptVoicemailUrgent = "voicemail-urgent"
	promptVoicemailShort  = "voicemail-too-short"
	promptVoicemailFailed = "voicemail-failed"

	promptQueryNumber       = "query-number"
	promptQueryPIN          = "query-pin"
	promptQueryWrong        = "query-wrong"
	promptQueryLocked       = "query-locked"
	promptQueryUnavailable  = "query-unavailable"
	promptQueryConfidential = "query-confidential"
	promptQueryRegistered   = "query-result-registered"
	promptQueryOverdue      = "query-result-overdue"
	promptQueryCompleted    = "query-result-completed"
	promptQuerySurveyed     = "query-result-surveyed"
	promptQueryCallback     = "query-result-callback"
	promptQueryArchived     = "query-result-archived"
	promptQueryAnswer       = "query-result-answer"

	promptEmergencyMenu    = "emergency-menu"
	promptEmergencyTraffic = "emergency-menu-traffic"
	promptEmergencyWater   = "emergency-menu-water"
	promptEmergencyConnect = "emergency-connecting"
	promptEmergencyRetry   = "emergency-busy-retry"
	promptEmergencyFailed  = "emergency-failed"
	promptLeaderAlert      = "leader-alert"
	promptLeaderEmergency  = "leader-alert-emergency"
	promptLeaderMajor      = "leader-alert-major"
	promptLeaderConfirmed  = "leader-confirmed"
	promptLeaderOrder      = "leader-order"

	promptSurveyOrder    = "survey-order"
	promptSurveyQuestion = "survey-question"
	promptSurveyThanks   = "survey-thanks"
	promptSurveyCallback = "survey-callback"

	promptLongHint   = "long-call-hint"
	promptLongRecord = "long-call-record"

	promptTooOften = "calls-too-often"
	promptBlocked  = "caller-blocked"
)

// builtin lists them for UsedPrompts.
var builtin = []string{
	promptGoodbye, promptApology, promptInterrupted, promptNoKey, promptWrongKey, promptToPerson, promptRingback, PromptBeep,
	promptCallEnded, promptOrderNumber, promptOrderRepeat, promptConnectAgent, promptAgentsBusy,
	promptAgentsWaiting, promptAgentsAway, promptConnectDuty, promptDutyNext, promptDutyAccept,
	promptTransfer, promptOutOfArea, promptTransferFail, promptTransferDial,
	promptVoicemailIntro, promptVoicemailThanks, promptVoicemailSaved, promptVoicemailUrgent,
	promptVoicemailShort, promptVoicemailFailed,
	promptQueryNumber, promptQueryPIN, promptQueryWrong, promptQueryLocked, promptQueryUnavailable,
	promptQueryConfidential, promptQueryRegistered, promptQueryOverdue, promptQueryCompleted,
	promptQuerySurveyed, promptQueryCallback, promptQueryArchived, promptQueryAnswer,
	promptEmergencyMenu, promptEmergencyTraffic, promptEmergencyWater, promptEmergencyConnect, promptEmergencyRetry,
	promptEmergencyFailed, promptLeaderAlert, promptLeaderEmergency, promptLeaderMajor, promptLeaderConfirmed, promptLeaderOrder, promptTooOften, promptBlocked,
	promptSurveyOrder, promptSurveyQuestion, promptSurveyThanks, promptSurveyCallback,
	"emergency-failed-110", "emergency-failed-120", "emergency-failed-119", "emergency-failed-122",
	"emergency-failed-12395",
	promptLongHint, promptLongRecord,
	promptRedNotice, "red-flood", "red-earthquake", "red-fire", "red-storm", "red-outage",
}

// UsedPrompts lists every prompt that the flows and this package's own code may play,
// sorted, each once.
func UsedPrompts(flows ...*Flow) []string {
	used := map[string]bool{}
	for _, id := range builtin {
		used[id] = true
	}
	for _, f := range flows {
		for _, n := range f.Nodes {
			for _, id := range n.Prompts() {
				used[id] = true
			}
		}
	}
	ids := make([]string, 0, len(used))
	for id := range used {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	return ids
}
