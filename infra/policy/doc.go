// Package policy holds the secure defaults: each row of docs/security.md that a
// plan can show to be broken is a Rule, a function over the resources that a
// stack would have. The program runs them before anything is registered, and
// the tests run them over every stack.
//
// A rule looks for what ought to be there, not at what is: a bucket without a
// block of public access is found because it is a bucket. What need not hold in
// a stack is said in live/<stack>/waivers.yaml, with a reason and an end; see
// Apply.
package policy
