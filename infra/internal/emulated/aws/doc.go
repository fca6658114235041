// Package aws is an AWS account for tests, on 127.0.0.1.
//
// moto's server answers for AWS, in one Python process in which its gaps are
// mended (folder server; each mend says what moto does and what AWS does).
// Before it stands a small proxy, the one address of the account, which logs
// the calls, hands Athena's queries to the test's engine and refuses functions
// whose image does not exist. Beside it stands an OCI registry that ECR's
// repositories point at, and what runs: a Lambda function or a Fargate task is
// the image's own program, with the environment that AWS would give it and the
// credentials of its role.
package aws
