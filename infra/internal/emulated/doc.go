// Package emulated deploys programs for tests: Pulumi's real engine drives the
// real Terraform AWS provider against an emulated account, in which what was
// deployed really runs.
//
// Start brings one account up (package aws: moto and what stands beside it) and
// serves Pulumi a provider (package bridge) that hands everything on to the
// binary of the Terraform provider (package terraform). So names, schemas,
// defaults, plans, replacements and validation are those that a user meets; only
// the answers of AWS are emulated, and aws.NotHeld lists where they fall short.
//
// Tests that use it carry the build tag cloud: they need the provider's binary,
// a Python with moto and Pulumi's command line; Start says how to get each.
package emulated
