package dispatch

import (
	"fmt"
	"slices"
)

// correct replaces a rating given by mistake; the one that was given stays on the survey
// and in the timeline (ZQ-15.6). A citizen who is satisfied after all ends the call back.
func (u *unit) correct(order *Order, r Review) error {
	s, err := u.SurveyOf(order.Number, r.Attempt)
	if err != nil {
		return err
	}
	was := s.Rating
	if s.Original == 0 {
		s.Original = was
	}
	s.Rating, order.Rating = r.Rating, r.Rating
	if err := u.SaveSurvey(&s); err != nil {
		return fmt.Errorf("save survey: %w", err)
	}
	u.tell(NoticeSurvey, s.ID)
	if err := u.event(Event{Number: order.Number, Actor: r.DecidedBy, Kind: OnCorrected, Rule: r.Rule,
		Text: fmt.Sprintf("误评核改:由%s改为%s,申请%s,录音%s", RatingWords[was], RatingWords[r.Rating], r.AskedBy, r.Evidence)}); err != nil {
		return err
	}
	if slices.Contains(u.office.policy.Survey.CallbackOn, r.Rating) {
		return u.correctCallback(*order)
	}
	if err := u.endCallback(*order, r.AskedBy, "误评,已核改"); err != nil {
		return err
	}
	return u.archive(order, Event{Actor: r.DecidedBy, Rule: "ZQ-15.4", Text: "核改为" + RatingWords[r.Rating] + ",归档"})
}

// correctCallback shows the corrected rating to whoever calls.
func (u *unit) correctCallback(order Order) error {
	task, err := u.CallbackOf(order.Number, order.attempt())
	if err != nil {
		return err
	}
	task.Rating = order.Rating
	return u.saveCallback(task)
}
