// Package sitetest gives the components' tests a stack to stand on, and holds
// what they plan against golden files. Only tests import it.
//
// The stacks are those of runtime's tests: dev, and prod with egress endpoints
// in three zones; a test changes what it is about.
package sitetest
