// Package remains tells what a destroyed stack leaves behind by design, with
// how long it stays and what it costs: keys in their waiting period, secrets in
// their recovery window, task definitions that AWS only marks inactive, log
// groups that services made, metrics, the history of the state.
//
// It reads the stack's state as `pulumi stack export` wrote it before the
// destroy, so that it names what is there and nothing else; and from the same
// state it tells, before anything is touched, what is still protected.
package remains
