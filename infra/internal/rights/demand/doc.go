// Package demand says what the roles of a stack need, for the tests that hold
// that they may do just that.
//
//	Read      a stack's plan: roles, their policies, the policies of resources
//	Calls     what programs were seen to call in the emulated account (make cloud
//	          records it in infra/internal/cloudtest/testdata/calls)
//	services  what AWS's services do in a role's name, by type of planned resource
//	follows   what a service does in the caller's name because of a call
//
// The two tables come from AWS's documentation; no emulation shows them.
package demand
