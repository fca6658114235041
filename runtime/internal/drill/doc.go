// Package drill loses a stack and brings it back (make drill; build tag drill).
//
// It loads the chess sample into an AWS that runs in the test, copies its
// bucket as a cross-region replica would, with a lag: of the last load some
// files have not come yet. Then bucket and catalog are gone, a stack is made in
// another region, and its tables are restored from the replica. Every snapshot
// that came back must have the checksum that it had, and the next load must
// bring what the lag lost. The figures are printed; docs/operate.md has them.
package drill
