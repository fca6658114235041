// Package duckdb runs SQL over the lake's tables with DuckDB, in process and
// without any of its extensions from the network.
//
// A query's names schema.table are found in its parse tree and made views of
// the session just before it runs: a table's view reads the files that
// lakehouse planned, matched by Iceberg field id, without the rows that
// position deletes remove; an Iceberg view's is its SQL. So each table has one
// snapshot for the whole session, until this engine publishes to it.
//
// A relation is built aside: DuckDB writes Parquet files with field ids under
// the table's own folder, the session reads them as if they were published,
// and Publish commits them through lakehouse in one Iceberg commit. A crash
// leaves files that no snapshot knows, for floe maintain.
//
// SQL is Trino's, as far as macros (macros.sql) and small changes of the text
// (portable.go) reach; what would silently mean something else is refused.
package duckdb
