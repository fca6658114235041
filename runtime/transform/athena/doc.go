// Package athena runs SQL over the stack's tables with Amazon Athena, in a
// workgroup that says where results go and how much a query may read.
//
// SQL comes with the logical names schema.table. Just before a statement is
// sent, they become Glue's: the database <project>_<stack>_<schema>, or what a
// build of this session holds aside under the name. That happens in one place,
// names.go; templates, compiled files and errors keep the logical names, so one
// text runs everywhere.
//
// A relation is built aside: a table as an Iceberg table of its own beside the
// target, <table>__floe_<id>, whose metadata Publish makes the target's in one
// Glue commit; a view as a view. Rows for a table that exists are kept in such
// a table too, and one INSERT or MERGE, one Iceberg commit, brings them in.
// What a killed run leaves behind is dropped by Sweep.
//
// A statement is submitted with a token, so that a lost answer starts nothing
// twice, and is stopped when its context ends.
package athena
