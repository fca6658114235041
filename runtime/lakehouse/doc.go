// Package lakehouse keeps Iceberg tables: it opens a catalog, plans and applies
// schema changes, commits loads, replaces contents and maintains tables.
//
// It is the only package of floe that knows iceberg-go; nothing of iceberg-go
// is in its API. The laptop's lake is a folder:
//
//	<home>/catalog.db                   an Iceberg SQL catalog (V1, SQLite, catalog name "floe")
//	<home>/warehouse/<schema>/<table>/  data/ and metadata/ of each table and view
//
// A deployed stack's is the Glue Data Catalog and S3 (Options.Glue):
//
//	<project>_<stack>_<schema>          a Glue database, made by infra; its LocationUri is s3://bucket/folder
//	<LocationUri>/<table>/              data/ and metadata/ of each table
//
// or, where platform.yaml says tables: s3tables, an S3 table bucket
// (Options.S3Tables; Deployed chooses):
//
//	<project>_<stack>_<schema>          a namespace of the stack's table bucket, made by infra
//	s3://<chosen by S3>/                data/ and metadata/ of one table, its warehouse location
//
// There the place of a table is asked from the catalog before its first file is
// written, which makes the table, without metadata: until a commit sets that,
// there is no table to anybody here. The version token of its metadata location
// is compared at every change, and at a drop. Files are neither listed nor
// removed, which S3 refuses: Maintain rewrites them and expires snapshots, and S3
// Tables removes, some days later, what no snapshot names (Lake.Remover). S3's
// own compaction and expiry are turned off as a table is made. Views, Adopt, by
// which Athena's models are published, and Restore are refused.
//
// Two seams hold the difference: catalog (find, list, places, compare-and-swap of
// a metadata location) and filesystem (whole files, listed and removed). All else,
// the commit loop, merge, plan, maintenance and clean-up, is the same code, and
// one suite of tests runs over all. Views on AWS are the SQL engine's; what it
// builds aside is published by Adopt.
//
// A load is one Iceberg transaction that holds the data files, the load id and
// the cursor state (table properties), so a crash leaves all of them or none.
// Any number of processes may work on one lake: a commit that lost the race, or
// whose answer was lost, looks for its load id and is done again. Where AWS never
// says what became of a commit, its files stay, and the same load, run again,
// finds out.
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
