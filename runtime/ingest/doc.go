// Package ingest loads sources into landing tables.
//
// Run reads a source's resources one after another. An extract.Source (see
// package extract; rest is the first of them) yields Arrow batches that fit the
// contract, the rows that do not, and state. The runner here makes the table
// as the contract says, writes the batches into a load, and commits rows and
// state in one Iceberg transaction, so a crash leaves both or neither. Long
// runs commit every so many rows, bytes or minutes; each such checkpoint's
// state covers exactly the requests that are complete in it.
//
// Rows that break the contract go to <table>__rejected before the load that
// leaves them out is committed. Two runs of one resource at the same time do
// no harm: the one whose state was moved under it reads the resource again.
package ingest
