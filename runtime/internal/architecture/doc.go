// Package architecture holds, by a test over `go list`, which package may
// reach which: cmd -> {ingest, transform, orchestrate} -> lakehouse, with
// project, live, environment and orchestrate light enough for infra. Infra's
// own test (infra/reach_test.go) holds the other end.
package architecture
