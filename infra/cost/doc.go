// Package cost estimates what a stack costs, from its planned resources alone.
//
//	Book      the dated prices and assumptions of prices.yaml
//	New       what stands idle a month, what a run of each workflow costs,
//	          and what its schedule makes of that
//	Check     the ceiling of live/<stack>/platform.yaml
//	Compare   what a change adds or takes
//	Write     all of it as a table
//
// Every type of resource is either priced (idle.go, run.go) or reviewed as free
// (free.go); one that is neither is named in the estimate, and fails a test, so
// that who adds a resource says what it costs.
//
// An estimate is of the ordinary, not a bill and no bound: no free tier, no
// spare capacity, no retries, prices of other regions that are guessed where
// none has a source, and assumptions that stand beside the result. It is of a
// stack's first year; what rotations of keys add later stands beside it.
package cost
