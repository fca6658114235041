package project

import "time"

const (
	// DefaultTimeout bounds a step that names no timeout.
	DefaultTimeout = time.Hour
	// OrphansAfter is how old a file is that no snapshot knows, and that is no
	// work in progress: the longest step and orphansMargin, or more.
	OrphansAfter  = 96 * time.Hour
	orphansMargin = 72 * time.Hour
)

// Workflow is runtime/pipelines/orchestrate/<name>.yaml: what runs in which
// order and when.
type Workflow struct {
	Version     int    `yaml:"version" jsonschema:"enum=1"`
	Description string `yaml:"description,omitempty"`
	Schedule    string `yaml:"schedule,omitempty"` // cron(...) or rate(...); used by a deployed stack
	Steps       []Step `yaml:"steps" jsonschema:"minItems=1"`

	Name string `yaml:"-" json:"-"`
	File string `yaml:"-" json:"-"`
}

// Step is one act of a workflow. Exactly one of Ingest, Transform and Maintain is set.
type Step struct {
	Name      string         `yaml:"name"`
	After     []string       `yaml:"after,omitempty"`   // default: the step before
	Timeout   string         `yaml:"timeout,omitempty"` // default 1h
	Retries   int            `yaml:"retries,omitempty" jsonschema:"minimum=0,maximum=10"`
	Ingest    *IngestStep    `yaml:"ingest,omitempty"`
	Transform *TransformStep `yaml:"transform,omitempty"`
	Maintain  *MaintainStep  `yaml:"maintain,omitempty"`
}

// IngestStep loads a source.
type IngestStep struct {
	Source    string   `yaml:"source"`
	Resources []string `yaml:"resources,omitempty"` // default all
}

// TransformStep builds models.
type TransformStep struct {
	Command string   `yaml:"command,omitempty" jsonschema:"enum=build,enum=run,enum=test"` // default build
	Select  []string `yaml:"select,omitempty"`
	Exclude []string `yaml:"exclude,omitempty"`
}

// MaintainStep keeps tables small and quick.
type MaintainStep struct {
	Schemas       []string `yaml:"schemas,omitempty"`        // default all
	KeepSnapshots string   `yaml:"keep_snapshots,omitempty"` // age, default 168h; in a stack at least its retention.snapshots
	OrphansAfter  string   `yaml:"orphans_after,omitempty"`  // age, default 96h; three days more than the longest step may take, or older
}
