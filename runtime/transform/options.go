package transform

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// Command is what a run does, in dbt's words.
type Command string

// The commands of Run.
const (
	CommandBuild   Command = "build"   // seeds, models and tests in the order of the graph
	CommandRun     Command = "run"     // models only
	CommandSeed    Command = "seed"    // seeds only
	CommandTest    Command = "test"    // tests only, against what is published
	CommandCompile Command = "compile" // SQL of models and tests, nothing is run
)

var commands = map[Command][]manifest.Kind{
	CommandBuild:   {manifest.Seed, manifest.Model, manifest.Test},
	CommandRun:     {manifest.Model},
	CommandSeed:    {manifest.Seed},
	CommandTest:    {manifest.Test},
	CommandCompile: {manifest.Model, manifest.Test},
}

// Options say what to run. Project or Dir is needed; Engine is, but for CommandCompile.
type Options struct {
	Project     *Project
	Dir         string // if Project is nil, with Target and Vars
	Target      Target
	Vars        map[string]any
	Engine      Engine
	Command     Command // default CommandBuild
	Select      []string
	Exclude     []string
	FullRefresh bool
	FailFast    bool            // start nothing more after the first failure
	Concurrency int             // nodes at once; default 1, at most what the engine says
	Done        map[string]bool // unique ids that an earlier run has done: they are taken as done
	Until       time.Time       // start nothing more from then on: what runs is ended, the rest is left for a later run; zero is never
	Observer    func(Event)
	TargetDir   string // compiled SQL, run_results.json and manifest.json go there; "" writes none
}

func (o *Options) check() error {
	if o.Command == "" {
		o.Command = CommandBuild
	}
	if _, ok := commands[o.Command]; !ok {
		var known []string
		for c := range commands {
			known = append(known, string(c))
		}
		slices.Sort(known)
		return fault.New(fault.Usage, fmt.Errorf("unknown command %q: Run does %s", o.Command, strings.Join(known, ", ")), "")
	}
	if o.Engine == nil && o.Command != CommandCompile {
		return fmt.Errorf("%s needs an engine", o.Command)
	}
	if o.Engine != nil && o.Target.Type == "" {
		o.Target.Type = o.Engine.Dialect()
	}
	if o.Observer == nil {
		o.Observer = func(Event) {}
	}
	return nil
}

func (o *Options) workers() int {
	n := max(o.Concurrency, 1)
	if o.Engine != nil {
		n = min(n, max(o.Engine.MaxConcurrency(), 1))
	}
	return n
}
