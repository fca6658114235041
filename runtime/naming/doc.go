// Package naming gives what a stack makes in AWS its names. They are composed
// of the project, the stack and what the thing is for, so that infra, which
// makes it, and floe, which looks for it, name it alike without meeting.
package naming
