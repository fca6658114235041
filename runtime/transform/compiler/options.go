package compiler

import (
	"context"
	"os"
	"time"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
)

// Options say what is to be parsed, and for which target.
type Options struct {
	Dir    string // the folder of dbt_project.yml
	Target Target
	Vars   map[string]any              // --vars: they win over the project's
	Env    func(string) (string, bool) // env_var; default os.LookupEnv
	Log    func(string)                // what log(…, info=true) and print say; default: nowhere
	Now    time.Time                   // run_started_at; default time.Now
}

// Target is dbt's target: where relations go.
type Target struct {
	Name     string // default "laptop"
	Type     string // the engine's dialect; default "duckdb"
	Schema   string // default "main"
	Database string // default "floe"
	Threads  int    // default 1
}

func (o Options) withDefaults() Options {
	set := func(s *string, fallback string) {
		if *s == "" {
			*s = fallback
		}
	}
	set(&o.Target.Name, "laptop")
	set(&o.Target.Type, "duckdb")
	set(&o.Target.Schema, "main")
	set(&o.Target.Database, "floe")
	o.Target.Threads = max(o.Target.Threads, 1)
	if o.Env == nil {
		o.Env = os.LookupEnv
	}
	if o.Log == nil {
		o.Log = func(string) {}
	}
	if o.Now.IsZero() {
		o.Now = time.Now().UTC()
	}
	return o
}

// Database answers a template's questions while it is compiled.
type Database interface {
	// Query runs a query and reads its whole answer.
	Query(ctx context.Context, sql string) (*Table, error)
	// Exec runs a statement that changes things; an engine may refuse.
	Exec(ctx context.Context, sql string) error
	// Columns are those of a relation; an error wrapping lakehouse.ErrNotFound if there is none.
	Columns(ctx context.Context, n lakehouse.Name) ([]schema.Column, error)
	// Exists gives "", "table" or "view".
	Exists(ctx context.Context, n lakehouse.Name) (string, error)
}
