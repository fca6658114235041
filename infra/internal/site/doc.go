// Package site tells every component where it stands, in project, stack,
// account and region, and what live/ says of the stack; and it names what the
// component makes.
//
// Every name begins with project and stack, so that stacks share an account
// without meeting, and is known before anything is made, so that policies name
// what they allow in plain text. A name that is longer than AWS takes is cut
// and ends in a hash of the whole; see Kind for the limits.
package site
