package dispatch

import (
	"context"
	"iter"
)

// Whole reads a list to its end, a part at a time as stores give it, so that it is never in
// memory as a whole; what the filter says of limit and offset does not count. It ends at the
// first error, which it gives with a zero row.
func Whole[T any](ctx context.Context, f Filter, read func(context.Context, Filter) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for f.Offset, f.Limit = 0, 1000; ; f.Offset += f.Limit {
			part, err := read(ctx, f)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, row := range part {
				if !yield(row, nil) {
					return
				}
			}
			if len(part) < f.Limit {
				return
			}
		}
	}
}
