// Package terraform runs a Terraform provider's binary and speaks plugin
// protocol 5 with it: schema, validation, plan, apply, read, import and data
// sources, as Terraform's core would.
//
// There are no generated stubs: importing tf5server registers the messages of
// the protocol, which are then made and called by name. What Terraform's core
// does between configuration and plan is in propose.go.
package terraform
