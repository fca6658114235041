// Package audit notes who writes the tables' files, and in production who reads
// them, too: a CloudTrail trail of the data events of the data buckets and of
// what queries answer, signed, encrypted by a key of its own, into a bucket
// whose objects nobody changes or deletes as long as live/ keeps logs. The same
// events go to a log group, where they can be searched and alarmed on.
//
// Management events are not noted: the account has, or should have, one trail
// for all of it, and a second copy of these costs.
package audit
