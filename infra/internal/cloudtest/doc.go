// Package cloudtest deploys the whole program: Pulumi's engine, the real AWS
// provider, and an AWS that runs here (package emulated). What was deployed is
// then run, and what it wrote is read by another implementation of Iceberg.
//
// Who called what on the way is held against testdata/calls, a file for each
// role: the rights of roles are held against these, without an account, by the
// tests of infra/platform and infra/bootstrap. -update writes them anew.
//
// It holds tests only, behind the build tag cloud; `make cloud` gets what they
// need and runs them.
package cloudtest
