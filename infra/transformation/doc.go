// Package transformation makes what builds models: the ECS cluster and the
// Fargate task that wait for Athena, or a Lambda function of the same image
// where a workflow says so, and Athena's workgroups, which cap what a query
// may read and encrypt what it answers.
package transformation
