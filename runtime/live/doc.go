// Package live reads and checks what a stack is: live/<stack>/platform.yaml
// (account, network, retention, alarms, budget), pipelines.yaml (which
// workflows run and when, and other values for the sources' vars) and
// access.yaml (who may read what), and the region, which is Pulumi's and in
// stacks/Pulumi.<stack>.yaml only.
//
// Names of workflows, sources, vars and tables are checked against the
// project. Nothing is read by infra or the runtime before all of it is right.
package live
