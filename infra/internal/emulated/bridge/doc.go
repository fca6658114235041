// Package bridge is a Pulumi resource provider that hands everything on to a
// Terraform provider.
//
// pulumi-aws is generated from the Terraform provider with naming rules and
// tables that are not published as a module. So a Shape is worked out from the
// two things that are at hand: the Terraform schema and the SDK's Go structs,
// whose field tags and types give the Pulumi names and whether a list of one
// element is a plain value. Properties that no rule matches are listed by
// Unmatched, which a test holds against a reasoned list.
//
// The Terraform state rides in the outputs of each resource (stateKey), so that
// only inputs -> configuration and state -> outputs are translated.
package bridge
