// Package catalog makes a Glue database for each schema of the stack: one for
// each source's landing tables, one for each layer and each other schema of the
// models.
//
// Tables are the runtime's, never resources of the program: an Iceberg table's
// schema changes by a commit, which a plan would take for drift.
//
// A schema that leaves the project, because a source was renamed or a schema
// is no longer listed, keeps its database, the tables' entries and their
// files: see Made. Only destroying the stack takes them.
package catalog
