// Package ingestion makes what loads sources: for each source a Lambda
// function, or a Fargate task where live/ says so, with a role and a log group
// of its own, and a secret where the source's auth names one. The secret is
// made empty; its value never passes through here.
//
// Two more functions of the same image serve all sources: evolve, which is
// invoked during the deployment whenever a contract has changed, and maintain.
package ingestion
