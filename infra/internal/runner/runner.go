package runner

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Runner is what a state machine calls. Kind says which half of it is filled.
type Runner struct {
	// Kind is live.Lambda or live.Fargate.
	Kind string

	// FunctionName and FunctionARN are a Lambda function's, known at preview.
	FunctionName string
	FunctionARN  string

	// Family is a task definition's name without revision, known at preview.
	Family string
	// Container is the name of the task's one container, whose command a state
	// machine overrides by the task's JSON.
	Container string
	// Roles are the ARNs of the task's own role and its execution role: who
	// starts the task passes them (iam:PassRole).
	Roles []string

	// RoleARN is the role that the program acts as, known at preview.
	RoleARN string
	// LogGroup is where it writes, known at preview.
	LogGroup string
	// Ready must be there before it is called: itself, and what its role needs.
	Ready []pulumi.Resource
}
