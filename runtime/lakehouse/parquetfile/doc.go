// Package parquetfile writes and reads the Parquet files of a table: rows of
// flat columns with Iceberg field ids, zstd, sorted within each row group.
//
// It knows schema, Arrow and parquet-go, no catalog and no Iceberg metadata, so
// it can be measured and tested alone. Rows wait in a Chunk (one typed slice a
// column); a Chunk becomes one row group. A Reader gives a file's rows back by
// field id, whole or some columns only.
package parquetfile
