// Package lakehouse keeps Iceberg tables: it opens a catalog, plans and applies
// schema changes, commits loads, replaces contents and maintains tables.
//
// It is the only package of floe that knows iceberg-go; nothing of iceberg-go
// is in its API. The laptop's lake is a folder:
//
//	<home>/catalog.db                   an Iceberg SQL catalog (V1, SQLite, catalog name "floe")
//	<home>/warehouse/<schema>/<table>/  data/ and metadata/ of each table and view
//
// A load is one Iceberg transaction that holds the data files, the load id and
// the cursor state (table properties), so a crash leaves all of them or none.
// Any number of processes may work on one home: a commit that lost the race, or
// whose answer was lost, looks for its load id and is done again.
package lakehouse
