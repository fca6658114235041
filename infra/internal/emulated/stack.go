package emulated

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// parallel is how many resources the engine handles at once: what takes time
// are the provider's own waits.
const parallel = 64

// Program is what a stack deploys: a function, or the project in a folder.
type Program struct {
	Run     pulumi.RunFunc
	Project string // name of the project of Run; "": floe
	WorkDir string // folder with a Pulumi.yaml, instead of Run
}

// Stack is a stack of a program.
type Stack struct {
	Name   string
	engine *Engine
	auto   auto.Stack
}

// Stack makes a stack, or takes up the one of that name. The provider's region
// is the engine's until SetConfig says otherwise.
func (e *Engine) Stack(ctx context.Context, name string, p Program) (*Stack, error) {
	options := []auto.LocalWorkspaceOption{auto.Pulumi(e.command), auto.EnvVars(e.variables())}
	if p.Project == "" {
		p.Project = "floe"
	}
	s := &Stack{Name: name, engine: e}
	var err error
	if p.WorkDir != "" {
		s.auto, err = auto.UpsertStackLocalSource(ctx, name, p.WorkDir, options...)
	} else {
		project := workspace.Project{Name: tokens.PackageName(p.Project), Runtime: workspace.NewProjectRuntimeInfo("go", nil),
			Backend: &workspace.ProjectBackend{URL: "file://" + filepath.Join(e.dir, "state")}}
		s.auto, err = auto.UpsertStackInlineSource(ctx, "organization/"+p.Project+"/"+name, p.Project, p.Run, append(options, auto.Project(project))...)
	}
	if err != nil {
		return nil, fmt.Errorf("making stack %s: %w", name, err)
	}
	return s, s.SetConfig(ctx, "aws:region", e.region)
}

// SetProgram changes what an inline stack deploys.
func (s *Stack) SetProgram(run pulumi.RunFunc) { s.auto.Workspace().SetProgram(run) }

// SetConfig sets a key of the stack's configuration.
func (s *Stack) SetConfig(ctx context.Context, key, value string) error {
	return s.auto.SetConfig(ctx, key, auto.ConfigValue{Value: value})
}

// SetConfigPath sets a place within a key, such as aws:defaultTags.tags.owner.
func (s *Stack) SetConfigPath(ctx context.Context, path, value string) error {
	return s.auto.SetConfigWithOptions(ctx, path, auto.ConfigValue{Value: value}, &auto.ConfigOptions{Path: true})
}

// Option changes how an operation goes.
type Option int

// The options.
const (
	NoChanges Option = iota + 1 // fail if anything changes
	KeepGoing                   // do what does not depend on what failed
)

// operation runs one operation and gathers what the engine tells meanwhile; the
// account's calls bear its name.
func (s *Stack) operation(ctx context.Context, name string, run func(context.Context, *bytes.Buffer, chan<- events.EngineEvent) error) (*Result, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s.engine.AWS.Operate(name)
	defer s.engine.AWS.Operate("")
	ch := make(chan events.EngineEvent)
	var out bytes.Buffer
	r := &Result{Changes: map[string]int{}}
	gathered := make(chan struct{})
	go func() {
		defer close(gathered)
		r.gather(ch)
	}()
	began := time.Now()
	err := run(ctx, &out, ch)
	r.Elapsed = time.Since(began)
	<-gathered // the engine closes the channel
	r.Output = out.String()
	return r, r.explain(err)
}

// Preview tells what Up would do.
func (s *Stack) Preview(ctx context.Context, options ...Option) (*Result, error) {
	return s.operation(ctx, "preview", func(ctx context.Context, out *bytes.Buffer, ch chan<- events.EngineEvent) error {
		o := []optpreview.Option{optpreview.ProgressStreams(out), optpreview.ErrorProgressStreams(out), optpreview.SuppressProgress(),
			optpreview.EventStreams(ch), optpreview.Parallel(parallel)}
		if slices.Contains(options, NoChanges) {
			o = append(o, optpreview.ExpectNoChanges())
		}
		_, err := s.auto.Preview(ctx, o...)
		return err
	})
}

// Up deploys.
func (s *Stack) Up(ctx context.Context, options ...Option) (*Result, error) {
	return s.operation(ctx, "up", func(ctx context.Context, out *bytes.Buffer, ch chan<- events.EngineEvent) error {
		o := []optup.Option{optup.ProgressStreams(out), optup.ErrorProgressStreams(out), optup.SuppressProgress(), optup.EventStreams(ch), optup.Parallel(parallel)}
		if slices.Contains(options, NoChanges) {
			o = append(o, optup.ExpectNoChanges())
		}
		if slices.Contains(options, KeepGoing) {
			o = append(o, optup.ContinueOnError())
		}
		_, err := s.auto.Up(ctx, o...)
		return err
	})
}

// Refresh reads what is really there into the state.
func (s *Stack) Refresh(ctx context.Context, options ...Option) (*Result, error) {
	return s.operation(ctx, "refresh", func(ctx context.Context, out *bytes.Buffer, ch chan<- events.EngineEvent) error {
		o := []optrefresh.Option{optrefresh.ProgressStreams(out), optrefresh.ErrorProgressStreams(out), optrefresh.SuppressProgress(),
			optrefresh.EventStreams(ch), optrefresh.Parallel(parallel)}
		if slices.Contains(options, NoChanges) {
			o = append(o, optrefresh.ExpectNoChanges())
		}
		_, err := s.auto.Refresh(ctx, o...)
		return err
	})
}

// Destroy removes all that the stack holds.
func (s *Stack) Destroy(ctx context.Context) (*Result, error) {
	return s.operation(ctx, "destroy", func(ctx context.Context, out *bytes.Buffer, ch chan<- events.EngineEvent) error {
		_, err := s.auto.Destroy(ctx, optdestroy.ProgressStreams(out), optdestroy.ErrorProgressStreams(out), optdestroy.SuppressProgress(),
			optdestroy.EventStreams(ch), optdestroy.Parallel(parallel), optdestroy.ContinueOnError())
		return err
	})
}

// Outputs are the stack's exports.
func (s *Stack) Outputs(ctx context.Context) (auto.OutputMap, error) { return s.auto.Outputs(ctx) }

// Export is the stack's state, with its secrets in plain; StateFile is what is kept.
func (s *Stack) Export(ctx context.Context) (*apitype.DeploymentV3, error) {
	raw, err := s.auto.Export(ctx)
	if err != nil {
		return nil, fmt.Errorf("exporting stack %s: %w", s.Name, err)
	}
	var d apitype.DeploymentV3
	if err := json.Unmarshal(raw.Deployment, &d); err != nil {
		return nil, fmt.Errorf("reading the state of stack %s: %w", s.Name, err)
	}
	return &d, nil
}

// StateFile is the file that the stack's state is kept in.
func (s *Stack) StateFile(ctx context.Context) (string, error) {
	project, err := s.auto.Workspace().ProjectSettings(ctx)
	if err != nil {
		return "", fmt.Errorf("finding the state of stack %s: %w", s.Name, err)
	}
	return filepath.Join(s.engine.dir, "state", ".pulumi", "stacks", string(project.Name), s.Name+".json"), nil
}

// Remove forgets the stack, which must be empty.
func (s *Stack) Remove(ctx context.Context) error { return s.auto.Workspace().RemoveStack(ctx, s.Name) }
