// Package storage makes the buckets of a stack and the keys of its layers.
//
//	landing    tables as delivered, and uploads/ for files that people put there
//	lakehouse  the models' tables: staging, intermediate, marts and other schemas
//	results    what queries answer; gone after two weeks
//	logs       flow logs and access logs; S3's own key, which log delivery needs
//
// Tables are Iceberg's: their files are deleted by floe maintain, which knows
// the snapshots, and by nothing else. So no rule here ever expires or moves the
// current version of an object under a table; see lifecycle.go.
package storage
