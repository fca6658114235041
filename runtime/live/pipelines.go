package live

// Pipelines is live/<stack>/pipelines.yaml: what runs in the stack. What the
// file leaves out, Load fills in.
type Pipelines struct {
	Version int `yaml:"version" jsonschema:"enum=1"`
	// Workflows are those that the stack has. Default: all of the project, each on its own schedule.
	Workflows []Workflow `yaml:"workflows,omitempty"`
	// Sources give the sources' vars other values than source.yaml does.
	Sources map[string]Source `yaml:"sources,omitempty"`
}

// Workflow is a workflow of runtime/pipelines/orchestrate that the stack has.
type Workflow struct {
	// Name is the workflow's file name without .yaml.
	Name string `yaml:"name"`
	// Schedule replaces the workflow's own: cron(…), rate(…), or none. Default: the workflow's own.
	Schedule string `yaml:"schedule,omitempty"`
	// Compute is where its transformations wait for Athena: fargate, or lambda. Default fargate.
	Compute string `yaml:"compute,omitempty" jsonschema:"enum=fargate,enum=lambda"`
	// OnUpload starts the workflow when a file is put below this prefix of the landing bucket: uploads/shop/. Default none.
	OnUpload string `yaml:"on_upload,omitempty"`

	// Enabled says whether the schedule counts: in prod always, elsewhere where this file gives one.
	Enabled bool `yaml:"-" json:"-"`
}

// What runs a step.
const (
	Fargate = "fargate"
	Lambda  = "lambda"
)

// NoSchedule is a schedule that never comes: the workflow is started by hand.
const NoSchedule = "none"

// Source is what the stack says of a source.
type Source struct {
	// Vars by name; each keeps the type that it has in source.yaml.
	Vars map[string]any `yaml:"vars,omitempty"`
	// Compute is what loads it: lambda, or fargate for a source that needs more than 10 GB of memory or a fixed way out. Default lambda.
	Compute string `yaml:"compute,omitempty" jsonschema:"enum=lambda,enum=fargate"`
	// ReservedConcurrency keeps so many concurrent runs for its function, and allows no more. Default none: a new account has 10 in all, and refuses any.
	ReservedConcurrency int `yaml:"reserved_concurrency,omitempty" jsonschema:"minimum=1"`
}
