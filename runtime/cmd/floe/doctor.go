package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/transform"
)

// finding is one thing that doctor looked at.
type finding struct {
	What string `json:"what"`
	OK   bool   `json:"ok"`
	Says string `json:"says"`
	Next string `json:"next,omitempty"`
	code fault.Kind
}

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check the tools, the project, live/ and the home; or a stack's account",
		Long: `Check that this machine has what floe needs, that every file of the project
and of live/ reads, that the models parse, and that the home's catalog and
tables are whole. Each finding says what to do.

With --stack it asks the stack's AWS account instead, and changes nothing:
whether bootstrap was run, what is too small, which names are taken, who
administers Lake Formation, which principals of access.yaml are missing, which
waivers end, which secrets are empty. Run it before the first deployment. What
the credentials may not ask is not checked, and told with the permission that
is missing.

Exit code 2: a file of the project is wrong. 1: something else is.` + "\n" + exitCodes,
		Example: "  floe doctor\n  floe doctor --output json\n  floe doctor --stack prod",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.stack != "" {
				return a.examineStack(cmd.Context())
			}
			findings := a.examine(cmd.Context())
			if a.output == "json" {
				writeJSON(a.out, findings)
			} else {
				a.printFindings(findings)
			}
			return verdict(findings)
		},
	}
}

func (a *app) printFindings(findings []finding) {
	for _, f := range findings {
		mark := "ok  "
		if !f.OK {
			mark = "BAD "
		}
		fmt.Fprintf(a.out, "%s %s: %s\n", mark, f.What, strings.ReplaceAll(f.Says, "\n", "\n       "))
		if f.Next != "" {
			fmt.Fprintln(a.out, "     next:", f.Next)
		}
	}
}

// verdict is the worst of the findings: wrong files before all else.
func verdict(findings []finding) error {
	bad, kind := 0, fault.Failed
	for _, f := range findings {
		if !f.OK {
			bad++
			if f.code == fault.Usage {
				kind = fault.Usage
			}
		}
	}
	if bad == 0 {
		return nil
	}
	return fault.New(kind, fmt.Errorf("%s wrong", plural(int64(bad), "thing")+" "+map[bool]string{true: "is", false: "are"}[bad == 1]), "")
}

func found(what string, err error, good string) finding {
	if err == nil {
		return finding{What: what, OK: true, Says: good}
	}
	return finding{What: what, Says: err.Error(), Next: fault.Next(err), code: fault.Kind(fault.Code(err))}
}

func (a *app) examine(ctx context.Context) []finding {
	findings := tools()
	p, err := a.load()
	if err != nil {
		findings = append(findings, found("project", err, ""))
	} else {
		findings = append(findings, found("project", nil, fmt.Sprintf("%s: sources %s; workflows %s", p.Root, known(p.Sources), known(p.Workflows))))
		findings = append(findings, stacks(p)...)
		findings = append(findings, models(ctx, p))
	}
	return append(findings, a.examineHome(ctx)...)
}

// tools are what building and make run need.
func tools() []finding {
	var out []finding
	for _, t := range []struct{ name, get string }{
		{"go", "https://go.dev/dl"},
		{"git", "your system's packages: apt-get install git, or xcode-select --install"},
		{"make", "your system's packages: apt-get install make, or xcode-select --install"},
		{"cc", "a C compiler: apt-get install gcc g++, or xcode-select --install"},
	} {
		path, err := exec.LookPath(t.name)
		if err != nil {
			out = append(out, finding{What: t.name, Says: "is not on the PATH", Next: t.get, code: fault.Failed})
			continue
		}
		out = append(out, finding{What: t.name, OK: true, Says: path})
	}
	return out
}

// stacks checks every folder of live/.
func stacks(p *project.Project) []finding {
	dirs, err := os.ReadDir(filepath.Join(p.Root, "live"))
	if err != nil {
		return []finding{found("live", err, "")}
	}
	var out []finding
	for _, d := range dirs {
		if !d.IsDir() {
			continue
		}
		_, err := live.Load(p, d.Name())
		out = append(out, found("live/"+d.Name(), err, "reads"))
	}
	return out
}

func models(ctx context.Context, p *project.Project) finding {
	parsed, err := transform.Load(ctx, transform.LoadOptions{Dir: p.TransformDir})
	if err != nil {
		return found("models", err, "")
	}
	return found("models", nil, fmt.Sprintf("%s in %s", plural(int64(len(parsed.Manifest().Nodes)), "node"), p.TransformDir))
}

// examineHome looks into the home without making one.
func (a *app) examineHome(ctx context.Context) []finding {
	home, err := a.homeDir()
	if err != nil {
		return []finding{found("home", err, "")}
	}
	if _, err := os.Stat(filepath.Join(home, "catalog.db")); errors.Is(err, os.ErrNotExist) {
		return []finding{found("home", nil, home+" holds no catalog yet; make run makes one")}
	}
	lake, err := lakehouse.Open(ctx, lakehouse.Options{Home: home, LockTimeout: a.lockTimeout})
	if err != nil {
		return []finding{found("home", err, "")}
	}
	defer lake.Close()
	var out []finding
	for _, problem := range lake.Check(ctx) {
		out = append(out, finding{What: strings.TrimSpace("home " + problem.Table), Says: problem.What, Next: problem.Advice, code: fault.Failed})
	}
	if len(out) == 0 {
		relations, err := lake.Relations(ctx, "")
		out = append(out, found("home", err, fmt.Sprintf("%s: %s, all whole", home, plural(int64(len(relations)), "relation"))))
	}
	return out
}
