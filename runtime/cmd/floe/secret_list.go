package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/secrets"
)

// secretLine is one source's secret.
type secretLine struct {
	Source string `json:"source"`
	Auth   string `json:"auth"`
	Secret string `json:"secret,omitempty"` // its name, or the environment variable
	State  string `json:"state"`            // set, empty or missing
	Next   string `json:"next,omitempty"`
}

// The states of a secret.
const (
	secretSet     = "set"
	secretEmpty   = "empty"
	secretMissing = "missing"
)

func (a *app) secretListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the sources that need a secret, and which have none yet",
		Long: `List every source with client.auth: whether its secret is set, empty (pulumi up
has made it, and nobody has set it) or missing (pulumi up has not made it), and
the command that mends it. Without --stack: the variables of this machine.` + "\n" + exitCodes,
		Example: "  floe secret list --stack dev\n  floe secret list --stack prod --output json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			lines, err := a.secretLines(cmd.Context())
			if err != nil {
				return err
			}
			a.printSecrets(lines)
			return nil
		},
	}
}

// secretSources are the sources that need a secret, sorted.
func secretSources(p *project.Project) []string {
	names := slices.Sorted(maps.Keys(p.Sources))
	return slices.DeleteFunc(names, func(n string) bool { return p.Sources[n].Client.Auth == nil })
}

func (a *app) secretLines(ctx context.Context) ([]secretLine, error) {
	p, err := a.load()
	if err != nil {
		return nil, err
	}
	names := secretSources(p)
	lines := []secretLine{}
	if a.stack == "" {
		for _, name := range names {
			line := secretLine{Source: name, Auth: p.Sources[name].Client.Auth.Type, Secret: environment.LocalSecret(name), State: secretSet}
			if secrets.Local(name) == "" {
				line.State, line.Next = secretEmpty, secrets.LocalNext(name)
			}
			lines = append(lines, line)
		}
		return lines, nil
	}
	_, config, err := a.account(ctx, p)
	if err != nil {
		return nil, err
	}
	have, err := secrets.NewStore(config, p.Name, a.stack).List(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		lines = append(lines, a.deployedSecret(p.Sources[name], have))
	}
	return lines, nil
}

// deployedSecret is the line of a source in a stack.
func (a *app) deployedSecret(s *project.Source, have map[string]secrets.Secret) secretLine {
	line := secretLine{Source: s.Name, Auth: s.Client.Auth.Type, State: secretMissing, Next: "make deploy STACK=" + a.stack}
	if secret, ok := have[s.Name]; ok {
		line.Secret, line.State, line.Next = secret.Name, secretSet, ""
		if !secret.Set {
			line.State, line.Next = secretEmpty, secrets.Next(s.Name, a.stack)
		}
	}
	return line
}

func (a *app) printSecrets(lines []secretLine) {
	if a.output == "json" {
		writeJSON(a.out, lines)
		return
	}
	if len(lines) == 0 {
		fmt.Fprintln(a.out, "No source needs a secret.")
		return
	}
	rows := make([][]string, len(lines))
	for i, l := range lines {
		rows[i] = []string{l.Source, l.Auth, l.Secret, l.State, l.Next}
	}
	drawTable(a.out, []string{"source", "auth", "secret", "", "next"}, rows, nil)
}

// completeSecretSources completes the sources that need a secret.
func (a *app) completeSecretSources(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	p, err := a.load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return secretSources(p), cobra.ShellCompDirectiveNoFileComp
}
