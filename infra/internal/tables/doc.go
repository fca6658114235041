// Package tables says in IAM's words what a program may do with tables.
//
// A table is two things in AWS: an entry in Glue, and files below its schema's
// prefix in a bucket, encrypted by the bucket's key. Read and Write allow both
// for the named schemas and for nothing else.
package tables
