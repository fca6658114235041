// Package objectives holds what live/<stack>/platform.yaml says a loss may cost
// (rto, rpo) against what the stack's services promise, as far as a plan can
// know: how long a copy in another region lags, how often a database is backed
// up. How long it takes to restore, only a drill tells (docs/operate.md).
package objectives
