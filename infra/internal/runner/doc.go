// Package runner is what does a step of a workflow: a Lambda function, or a
// task definition of Fargate. It makes both out of an image, with the same
// logs, environment and checks, and tells state machines how to call them.
//
// An environment that is larger than AWS takes is refused before anything is
// made; the sizes were checked when live/ was read.
package runner
