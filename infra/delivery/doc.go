// Package delivery writes what people read before and after a change is
// delivered: the comment under a pull request and the notes of a release. Both
// are a Report, whose parts other programs wrote.
//
// A part is put in as it is, in a fence that nothing in it can close, and is
// cut where the whole would be longer than GitHub takes; the files beside the
// report hold all of it.
package delivery
