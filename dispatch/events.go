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
	OnException       = "exception"           // one of the seven cases that are not sent back (ZQ-16.1 to ZQ-16.7)
	OnRedo            = "redo"                // sent back to be handled once more (ZQ-15.7, ZQ-16.0)
	OnReviewAsked     = "review_asked"        // somebody asks a second person for a decision
	OnReviewDecided   = "review_decided"      // and has it
	OnCorrected       = "corrected"           // a rating given by mistake (ZQ-15.6)
	OnDispatched      = "dispatched"          // given to its units
	OnSuperviseOffer  = "supervise_candidate" // dissatisfied again after the redo (ZQ-17)
)

// RatingWords are the five answers by rating (ZQ-15.1); index 0 is empty.
var RatingWords = [6]string{"", "非常满意", "满意", "基本满意", "不满意", "非常不满意"}
