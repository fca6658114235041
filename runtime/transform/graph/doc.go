// Package graph orders a parsed project's nodes and chooses among them.
//
// A Graph is the nodes' dependencies; Subset keeps some nodes and the ways
// between them. Selector understands dbt's words for --select and --exclude:
// names, folders, tag:, path:, source:, config.…:, "+model", "2+model+1",
// "@model", unions by a space and intersections by a comma.
package graph
