// Package transform runs a dbt-format project with dbt's words and meaning.
//
// Load parses it (compiler does; what came out is a manifest), Run builds,
// tests or compiles the chosen nodes in the order of what they read, List and
// Show look without touching anything. The SQL itself is an Engine's matter:
// engines are packages of their own, chosen in cmd, and this package reaches
// none of them.
//
// A build writes, audits, publishes: a node is staged aside, the tests that
// read nothing but it and what lies above it run against the staged content,
// and only then is it published, in one commit. A failing test leaves the old
// content in place and skips what lies below. Tests that read several branches
// run as nodes of their own, after all of what they read.
package transform
