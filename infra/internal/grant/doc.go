// Package grant makes IAM roles and policy documents out of typed statements.
//
// Every statement names its actions and what they are allowed on. Names are
// known before anything is made (see package site), so that a document is plain
// text at preview; the ids of keys are not, which is why resources are inputs.
package grant
