package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/project"
)

const exitCodes = `
Exit codes:
  0  done
  1  failed: the act could not be done; the message says why and what next
  2  used wrongly: a flag, a name or a file of the project
  3  tests or contracts failed: the data is not as promised
  4  interrupted; what is done is kept`

// app is what every command shares: the global flags and the streams.
type app struct {
	in       io.Reader
	out, err io.Writer

	home        string
	projectDir  string
	stack       string
	output      string
	lockTimeout time.Duration
}

// execute runs the command line and returns the exit code.
func execute(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	a := &app{in: in, out: out, err: errs}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if ctx.Err() != nil && fault.Code(err) == int(fault.Failed) {
		err = fault.New(fault.Interrupted, err, "")
	}
	a.printError(err)
	return fault.Code(err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "floe",
		Short: "Run data pipelines into Iceberg tables, here or on AWS",
		Long: `floe loads sources into Iceberg landing tables, builds SQL models on top of
them, and keeps the tables small. Without --stack it works on this machine: a
SQLite catalog and Parquet files under .floe, and DuckDB in process.` + "\n" + exitCodes,
		Example: `  floe run chess                             ingest, transform, maintain
  floe sql "select * from marts.dim_players"  ask
  floe tables landing_chess.players          schema, snapshots, loads, files
  floe doctor                                check the project and this machine`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if a.output != "text" && a.output != "json" {
				return fault.New(fault.Usage, fmt.Errorf("--output %q: write text or json", a.output), "")
			}
			return nil
		},
	}
	f := root.PersistentFlags()
	f.StringVar(&a.home, "home", "", "folder of the catalog and the files (default $"+environment.Home+", or .floe in the project)")
	f.StringVar(&a.projectDir, "project", "", "the project's root (default: the nearest parent folder with a Pulumi.yaml)")
	f.StringVar(&a.stack, "stack", "", "take the settings of live/<stack>")
	f.StringVar(&a.output, "output", "text", "text or json")
	f.DurationVar(&a.lockTimeout, "lock-timeout", 10*time.Second, "how long to wait for a catalog that another process holds")
	_ = root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp)) // fails for an unknown flag only
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fault.New(fault.Usage, err, c.CommandPath()+" --help")
	})
	root.AddCommand(a.runCommand(), a.ingestCommand(), a.transformCommand(), a.sqlCommand(), a.tablesCommand(),
		a.planCommand(), a.applyCommand(), a.maintainCommand(), a.rollbackCommand(), a.restoreCommand(), a.newCommand(), a.secretCommand(), a.doctorCommand(), a.accessCommand())
	markUsage(root)
	return root
}

// version is what the binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version + " " + info.GoVersion
}

// markUsage makes wrong arguments of any command a usage error, code 2.
func markUsage(c *cobra.Command) {
	if c.Args != nil {
		check := c.Args
		c.Args = func(cmd *cobra.Command, args []string) error {
			return fault.New(fault.Usage, check(cmd, args), cmd.CommandPath()+" --help")
		}
	} else if c.HasSubCommands() {
		c.Args = func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			err := fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				err = fmt.Errorf("%w; did you mean %s?", err, strings.Join(near, " or "))
			}
			return fault.New(fault.Usage, err, cmd.CommandPath()+" --help")
		}
		if c.RunE == nil {
			c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
	for _, sub := range c.Commands() {
		markUsage(sub)
	}
}

// printError writes an error and what to do next to stderr.
func (a *app) printError(err error) {
	if errors.Is(err, context.Canceled) && fault.Code(err) == int(fault.Interrupted) {
		err = fmt.Errorf("interrupted: %w", err)
	}
	if a.output == "json" {
		writeJSON(a.err, map[string]any{"error": err.Error(), "code": fault.Code(err), "next": fault.Next(err)})
		return
	}
	fault.Tell(a.err, err)
}

// load finds and reads the project.
func (a *app) load() (*project.Project, error) {
	root, err := a.rootDir()
	if err != nil {
		return nil, err
	}
	return project.Load(root)
}

func (a *app) rootDir() (string, error) {
	start := a.projectDir
	if start == "" {
		here, err := os.Getwd()
		if err != nil {
			return "", fmt.Errorf("find the project: %w", err)
		}
		start = here
	}
	return project.Find(start)
}

// homeDir is --home, $FLOE_HOME, or .floe in the project (in this folder where there is none).
func (a *app) homeDir() (string, error) {
	home := a.home
	if home == "" {
		home = os.Getenv(environment.Home)
	}
	if home == "" {
		home = ".floe"
		root, err := a.rootDir()
		if err != nil && a.projectDir != "" {
			return "", err
		}
		if err == nil {
			home = filepath.Join(root, ".floe")
		}
	}
	abs, err := filepath.Abs(home)
	if err != nil {
		return "", fmt.Errorf("home %s: %w", home, err)
	}
	return abs, nil
}

// open opens the lake under the home.
func (a *app) open(ctx context.Context) (*lakehouse.Lake, error) {
	home, err := a.homeDir()
	if err != nil {
		return nil, err
	}
	return lakehouse.Open(ctx, lakehouse.Options{Home: home, LockTimeout: a.lockTimeout})
}

// openExisting opens a lake that must be there: asking must not make one.
func (a *app) openExisting(ctx context.Context) (*lakehouse.Lake, error) {
	home, err := a.homeDir()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(home, "catalog.db")); errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.Failed, fmt.Errorf("there is no catalog in %s", home), "make run, or name another folder with --home")
	}
	return a.open(ctx)
}
