// Package plan runs the program without engine, account, plugin or image
// build, and lists what it would make: for `make resources`, and for the tests
// that hold what every stack's resources must be.
//
// What only AWS knows is answered by fixed values (Account, the images'
// digests, ids made of names), so that two runs give the same list.
package plan
