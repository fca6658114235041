// Package orchestration is what runs when: of each workflow that live/ names,
// the state machine that runtime/orchestrate writes, and what starts it.
//
//	schedule  in the stack's schedule group; on in prod, elsewhere where live/ says so
//	upload    a file below a prefix of the landing bucket, where live/ says so
//	by hand   aws stepfunctions start-execution
//
// Schedules and uploads wait for the schema evolution: nothing is started that
// would find tables other than its contracts say. What could not be started
// lies in the dead letters.
//
// A machine calls functions and tasks by name, never by version or revision,
// so that an execution that is redriven after a mend and a deployment runs what
// was mended: AWS keeps the definition of an execution.
package orchestration
