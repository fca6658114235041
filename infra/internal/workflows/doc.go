// Package workflows checks what GitHub runs of this repository: the files of
// .github/workflows and the actions of .github/actions.
//
// Actions are pinned by the SHA of a release, no job may do more than it says,
// nothing that a stranger can write reaches a shell, credentials of AWS are
// short-lived and taken only where a role waits for them, one stack is changed
// by one job at a time and by the plan that somebody could read, a job works on
// the stack whose role it takes, each night compares each stack with what was
// deployed, and whatever a job does is a make target that runs on a laptop as
// well. A workflow's form is actionlint's matter; the tests build it, by
// a module of its own, and run it.
package workflows
