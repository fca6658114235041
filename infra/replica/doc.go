// Package replica keeps a copy of the tables' files in another region: a bucket
// for each data bucket, with all that makes that one safe and a key of its own,
// which S3 copies every new version and every delete marker to.
//
// The copies are not locked against deletion. Maintenance deletes files that no
// snapshot needs, and what somebody asked to be forgotten; that has to reach
// the copy, too. A deletion there, as here, only hides a version until the
// lifecycle takes it, and the deletion of a version itself is never copied: who
// empties the one bucket has not emptied the other.
//
// What was there before the replica is not copied by S3 itself; docs/operate.md
// tells how it is, once.
package replica
