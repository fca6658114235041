// Package project finds a project's root, and reads and checks what a data
// engineer edits under runtime/pipelines: sources, contracts and workflows.
//
// Load tells everything that is wrong at once, with file, line, column and
// key, before anything is touched: what a type's shape holds (package
// yamlfile), and what files mean to each other: a resource without a contract,
// a key that is no column, a placeholder that names nothing, steps that wait
// for each other.
//
// It reaches no Iceberg, Arrow or SQL engine, for infra reads the same files.
package project
