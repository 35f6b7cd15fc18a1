package dispatch

// The kinds of events in an order's timeline. Their order here is that of an order's life.
const (
	OnRegistered      = "registered"
	OnVoicemail       = "voicemail"
	OnHeard           = "voicemail_heard"
	OnUrgent          = "urgent"
	OnMajor           = "major"              // leaders are called for it
	OnConfirmed       = "urgent_confirmed"   // a leader on duty pressed 1 (ZZ-16.5)
	OnUnconfirmed     = "urgent_unconfirmed" // none did, and the alarm gave up
	OnNote            = "note"
	OnTyped           = "typed" // the type was set or changed, and with it the deadline
	OnPromised        = "promised"
	OnRecounted       = "recounted" // the calendar changed, and with it the deadline (T9, T10)
	OnQueried         = "queried"
	OnQueryWrong      = "query_wrong" // a text with a wrong code
	OnQueryLocked     = "query_locked"
	OnCompleted       = "completed"
	OnTextSkipped     = "text_skipped" // a text that the rules ask for was not written, and why
	OnSurveyQueued    = "survey_queued"
	OnSurveySent      = "survey_sent" // the carrier took it and gives no receipt: the window opens
	OnSurveyDelivered = "survey_delivered"
	OnNotDelivered    = "not_delivered"
	OnInvalid         = "invalid_attempt"
	OnLateReply       = "late_reply" // kept, changes nothing
	OnOptOut          = "opt_out"
	OnOptIn           = "opt_in"
	OnRated           = "rated"
	OnUnrated         = "unrated"
	OnInvalidRating   = "invalid" // the window ended with invalid attempts only
	OnCallbackOpened  = "callback_opened"
	OnCallbackTried   = "callback_tried"
	OnCallbackDone    = "callback_done"
	OnArchived        = "archived"
	OnException       = "exception"         // one of the seven cases that are not sent back (ZQ-16.1 to ZQ-16.7)
	OnRedo            = "redo"              // sent back to be handled once more (ZQ-15.7, ZQ-16.0)
	OnReviewAsked     = "review_asked"      // somebody asks a second person for a decision
	OnReviewDecided   = "review_decided"    // and has it
	OnCorrected       = "corrected"         // a rating given by mistake (ZQ-15.6)
	OnAnswered        = "answered_on_spot"  // no unit was needed (ZZ-16.2)
	OnOwned           = "owned"             // who answers for it (SQ-4.3)
	OnTransferred     = "transferred"       // its citizen was put through (ZZ-10.4)
	OnRejected        = "out_of_scope"      // and the citizen was told where to go (ZQ-7.2)
	OnReopened        = "reopened"          // after a transfer or a rejection
	OnRepeated        = "repeated"          // another order repeats it
	OnDispatched      = "dispatched"        // given to its units
	OnCopied          = "copied"            // somebody reads it (XZ-2.2, SQ-5.1.2)
	OnSigned          = "signed"            // a unit took it (XZ-12.3.4)
	OnStarted         = "started"           // its unit looked into it (ZQ-9.1)
	OnContacted       = "contacted"         // its citizen was spoken to (ZQ-13.1)
	OnTold            = "told"              // its citizen was told of more time (ZQ-12.3)
	OnReturnAsked     = "return_asked"      // ZQ-9.2
	OnReturned        = "returned"          // with leave
	OnReturnRefused   = "return_refused"    // ZQ-10
	OnExtensionAsked  = "extension_asked"   // ZQ-12
	OnExtended        = "extended"          // the deadline moved
	OnNotExtended     = "extension_refused" // it did not
	OnSubmitted       = "submitted"         // ZQ-14
	OnHeadPassed      = "head_passed"       // the unit's head agreed (ZZ-18.1)
	OnReviewPassed    = "review_passed"     // and the order is completed
	OnReviewRefused   = "review_refused"    // back to the unit; the deadline stays (ZQ-14.1)
	OnFiled           = "filed"             // a unit's own answer is on file (SQ-5.4)
	OnUnderstood      = "understood"        // its citizen understood the answer (SQ-5.3)
	OnNotUnderstood   = "not_understood"    // and is answered again
	OnWithdrawn       = "withdrawn"         // by its citizen
	OnMerged          = "merged"            // into another order
	OnNoReply         = "no_reply"          // its citizen gets none (ZQ-13.2)
	OnSupervised      = "supervised"        // 督办
	OnUnsupervised    = "supervision_ended"
	OnTier            = "tier"                // level of approval (KF-3.2)
	OnOpinionAsked    = "opinion_asked"       // a written opinion is wanted (XZ-12.6)
	OnOpinion         = "opinion"             // and given
	OnSuperviseOffer  = "supervise_candidate" // dissatisfied again after the redo (ZQ-17)
)

// RatingWords are the five answers by rating (ZQ-15.1); index 0 is empty.
var RatingWords = [6]string{"", "非常满意", "满意", "基本满意", "不满意", "非常不满意"}
