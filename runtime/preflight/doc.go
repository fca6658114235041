// Package preflight asks an AWS account whether a stack can be deployed to it:
// what is not there yet, what is taken, what is too small. It changes nothing.
//
// Each check is a function of the account that gives findings, and each finding
// says what to do. Checks run side by side, with few calls at once. What the
// account does not let the caller ask is Unchecked with the permission that is
// missing: never OK.
//
// The names that it looks for are those that infra gives (package naming).
package preflight
