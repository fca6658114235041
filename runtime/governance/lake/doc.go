// Package lake makes AWS Lake Formation hold what package governance says: the
// tags of a stack's tables and columns, and the grants that name tables.
//
// It looks before it acts, table by table, and changes only what differs, so
// that a second run does nothing, two at a time do no harm, and one that was
// cut off is just begun again. What somebody granted by hand on a table of the
// stack is taken away; the stack's own roles, and whatever is granted by tags
// (infra's to grant), are left alone.
//
// It takes first and gives afterwards: cut off in between, somebody reads less
// than declared, never more. Tags of a column that became more sensitive are
// set before anything is granted.
package lake
