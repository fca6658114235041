// Package orchestrate runs a workflow: a graph of steps, each an ingest, a
// transformation or a maintenance act.
//
// It knows the graph, the order, retries, time limits and the run's record; the
// acts themselves are handed in, so that nothing here reaches a table or an
// engine and infra can turn the same graph into a state machine.
//
// A run is kept as <home>/runs/<id>.json, written anew (aside, then renamed)
// whenever a step begins, advances or ends. Resume takes up the newest
// unfinished run of a workflow and leaves out what its record says is done. The
// record is a convenience, never the truth: loads and models are committed
// exactly once by the tables themselves, so a plain run after any kill is right
// too.
package orchestrate
