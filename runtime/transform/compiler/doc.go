// Package compiler understands a dbt-format project: it gives templates dbt's
// context, parses a project into a manifest, and compiles nodes to SQL.
//
// As in dbt every node is rendered twice. Load renders all of them once with
// execute false and lenient undefined names, to see their config(), ref() and
// source() calls; it settles configuration and names, makes the generic tests
// and refuses what is wrong. A Session renders a node again, strictly and with
// a Database at hand, when its turn to run has come.
//
// What a template may call lies in globals*.go, adapter.go and the objects
// beside them; dbt's own macros, as far as projects use them, are SQL files in
// builtin. Nothing is silently ignored: what floe lacks is an error that says
// what it has.
package compiler
