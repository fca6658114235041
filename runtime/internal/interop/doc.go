// Package interop holds floe's tables to readers that we did not write:
// PyIceberg, and Spark with Iceberg's own runtime (make interop; build tag
// interop).
//
// Its tests load tables with bin/floe, read every one with each reader, and
// compare row counts, column types, a checksum of every column and of whole
// rows, and the counts of point and range filters with what `floe sql` says.
// The checksums are sums of hashes, so that order does not matter. What the
// readers are known to disagree about (docs of the tests in kinds_test.go and
// refused_test.go) is either refused by floe with a message, or right in both.
//
// TestDifferencesAreFound shows that a check can fail.
package interop
