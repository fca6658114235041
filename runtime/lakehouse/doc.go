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
//
// iceberg-go gives the metadata, its updates, the manifests' format and the
// views. Snapshots are put together here, because its transactions escape the
// paths that they make (other readers then find no file in a folder with a
// space), cannot create a table together with its first rows, and validate what
// one compare-and-swap of the whole table's pointer makes needless: every
// attempt is made against the newest head and taken only while it is that.
//
// Rows go to disk in package parquetfile.
package lakehouse
