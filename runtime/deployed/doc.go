// Package deployed is what floe's programs in AWS have in common: cmd/ingest
// and cmd/transform hand it an Act, and it makes a program of it.
//
// One binary is two programs. Where AWS_LAMBDA_RUNTIME_API is set it is a
// Lambda function, whose event is an orchestrate.Task and whose answer an
// orchestrate.Outcome. Elsewhere it does the one task that is its argument, as
// a Fargate task does: log lines as JSON on stdout, the Outcome as the last
// line, and an exit code:
//
//	0  done
//	1  failed                        (package fault)
//	2  used wrongly: never retried
//	3  data or tables are not as promised: never retried
//	4  told to end; what is committed is kept
//	5  the step's time is over: never retried (orchestrate.ExitTimeout)
//
// A function has minutes only. Each Call says until when the act is to hand
// over: to commit what it has, and to answer that it is not finished. The state
// machine calls again; the one-shot program calls itself. An act that does not
// hand over in time is ended, at the half of the time that is kept for it; what
// parts of the task it has done by then are handed over all the same.
//
// An answer is bounded, for Step Functions takes 256 KB: the whole summary is
// in the log.
//
// A function's error has a type that a state machine matches with ErrorEquals,
// one of orchestrate.ErrorFailed and its like; its message tells the text, what
// to do next and the exit code.
package deployed
