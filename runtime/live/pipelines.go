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
}

// NoSchedule is a schedule that never comes: the workflow is started by hand.
const NoSchedule = "none"

// Source is what the stack says of a source.
type Source struct {
	// Vars by name; each keeps the type that it has in source.yaml.
	Vars map[string]any `yaml:"vars,omitempty"`
}
