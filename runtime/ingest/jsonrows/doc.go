// Package jsonrows turns JSON records into Arrow batches by a contract.
//
// A Plan is the contract compiled: a tree of field names whose leaves are
// columns. A Decoder walks a record's bytes once, without a document tree, and
// appends each value straight to its column; a row that breaks the contract is
// cut off again and kept as a Reject with its text. Fields that the plan does
// not know are dropped, refused, or make the page wait for Plan.Infer, which
// says what columns they would be.
//
// The scanner accepts what encoding/json accepts and, like most of them, raw
// control characters inside strings. Where a name comes twice in an object the
// first one counts. Text that is not UTF-8 gets U+FFFD in its place: Parquet
// strings are UTF-8, and DuckDB refuses files in which they are not.
package jsonrows
