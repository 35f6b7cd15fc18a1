package dispatch

import (
	"context"
	"fmt"
	"time"
)

// RatingCount is how many orders were rated one way.
type RatingCount struct {
	Rating    int
	Excepted  bool // dissatisfied for a reason of ZQ-16.1 to ZQ-16.7
	Orders    int
	Corrected int // of them by correction (ZQ-15.6)
}

// Satisfaction is what the ratings that count come to (ZQ-18): the last one of each order,
// as it was corrected. Orders nobody rated, or rated in vain, are in none of the numbers.
type Satisfaction struct {
	Rated     int
	Satisfied int // 1 to 3
	Excepted  int // dissatisfied, but an exception of ZQ-16
	Corrected int // to be made public, since a correction can be abused
}

// Rate is the share of satisfied citizens, exceptions counted like any others (Q15); 0
// without ratings.
func (s Satisfaction) Rate() float64 { return share(s.Satisfied, s.Rated) }

// RateWithoutExceptions is the same with the exceptions left out, shown beside it (Q15).
func (s Satisfaction) RateWithoutExceptions() float64 {
	return share(s.Satisfied, s.Rated-s.Excepted)
}

// CorrectedRate is the share of ratings that were corrected (ZQ-15.6).
func (s Satisfaction) CorrectedRate() float64 { return share(s.Corrected, s.Rated) }

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// Satisfaction counts the orders completed from a moment up to another, that one not
// included.
func (o *Office) Satisfaction(ctx context.Context, from, to time.Time) (Satisfaction, error) {
	counts, err := o.store.Ratings(ctx, from, to)
	if err != nil {
		return Satisfaction{}, fmt.Errorf("count ratings: %w", err)
	}
	var s Satisfaction
	for _, c := range counts {
		s.Rated += c.Orders
		s.Corrected += c.Corrected
		if c.Rating <= 3 {
			s.Satisfied += c.Orders
		} else if c.Excepted {
			s.Excepted += c.Orders
		}
	}
	return s, nil
}
