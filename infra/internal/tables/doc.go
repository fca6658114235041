// Package tables says in IAM's words what a program may do with tables.
//
// A table is two things in AWS: an entry in Glue, and files below its schema's
// prefix in a bucket, encrypted by the bucket's key. Allow allows a use of both
// for the named schemas and for nothing else: Load, Keep, Query or Build. What
// programs really call is recorded in the cloud tests, and infra/platform's
// tests hold that a use has no more (see package demand).
package tables
