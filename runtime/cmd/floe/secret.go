package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/ergochat/readline"
	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/deployed"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/secrets"
)

func (a *app) secretCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "secret",
		Short: "Set the secrets that sources need, and see which are missing",
		Long: `A source whose client.auth says how it is asked needs one secret: a token, a
key or a password. In a stack it lies in AWS Secrets Manager, where pulumi up
makes it empty: its value is in no file and in no state. On the laptop it is the
environment variable FLOE_SECRET_<SOURCE>.` + "\n" + exitCodes,
		Example: `  floe secret list --stack dev
  floe secret set shop --stack dev < token.txt`,
	}
	c.AddCommand(a.secretSetCommand(), a.secretListCommand())
	return c
}

func (a *app) secretSetCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "set <source>",
		Short: "Write a source's secret to the stack's Secrets Manager",
		Long: `Read a secret's value from the standard input, or ask for it on a terminal
without showing it, and write it to the stack's secret of that source. One line
end is cut off. The programs of the stack read the new value with their next
run; the value before it is kept by Secrets Manager as AWSPREVIOUS.` + "\n" + exitCodes,
		Example: `  floe secret set shop --stack dev              ask for it
  pass show shop/token | floe secret set shop --stack prod`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeSecretSources,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.setSecret(cmd.Context(), args[0])
		},
	}
}

func (a *app) setSecret(ctx context.Context, name string) error {
	p, err := a.load()
	if err != nil {
		return err
	}
	src, err := source(p, name)
	if err != nil {
		return err
	}
	if src.Client.Auth == nil {
		return fault.New(fault.Usage, fmt.Errorf("source %s needs no secret: %s has no client.auth", name, src.File), "write client.auth: {type: bearer}, or api_key or http_basic, and deploy the stack")
	}
	if a.stack == "" {
		return fault.New(fault.Usage, errors.New("which stack? Without --stack floe works on this machine, where a secret is an environment variable"),
			secrets.LocalNext(name)+"; or floe secret set "+name+" --stack dev")
	}
	stack, config, err := a.account(ctx, p)
	if err != nil {
		return err
	}
	value, err := a.readSecret(name)
	if err != nil {
		return err
	}
	secret, err := secrets.NewStore(config, p.Name, stack.Name).Put(ctx, name, value)
	if err != nil {
		return err
	}
	if a.output == "json" {
		writeJSON(a.out, map[string]any{"source": name, "stack": stack.Name, "secret": secret.Name, "region": stack.Region, "set": true})
		return nil
	}
	fmt.Fprintf(a.out, "The secret of source %s is set: %s in %s.\n", name, secret.Name, stack.Region)
	return nil
}

// readSecret reads a value from the standard input, without showing it.
func (a *app) readSecret(name string) (string, error) {
	if f, ok := a.in.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		return a.askSecret(name)
	}
	// A byte more than is allowed, and the line end, tell that it is too long.
	value, err := io.ReadAll(io.LimitReader(a.in, secrets.MaxValue+3))
	if err != nil {
		return "", fmt.Errorf("read the secret from the standard input: %w", err)
	}
	return secrets.Check(string(value))
}

func (a *app) askSecret(name string) (string, error) {
	line, err := readline.NewFromConfig(&readline.Config{Prompt: "Secret of source " + name + " (it is not shown): ", EnableMask: true, HistoryLimit: -1, Stdout: a.err, Stderr: a.err})
	if err != nil {
		return "", fmt.Errorf("open the prompt: %w", err)
	}
	defer line.Close()
	value, err := line.ReadLine()
	switch {
	case errors.Is(err, readline.ErrInterrupt):
		return "", fault.New(fault.Interrupted, errors.New("no secret was set"), "")
	case err != nil && !errors.Is(err, io.EOF):
		return "", fmt.Errorf("read the secret: %w", err)
	}
	return secrets.Check(value)
}

// account is the stack and the AWS configuration for it, whose account is
// checked against platform.yaml's.
func (a *app) account(ctx context.Context, p *project.Project) (*live.Stack, aws.Config, error) {
	stack, err := live.Load(p, a.stack)
	if err != nil {
		return nil, aws.Config{}, err
	}
	c, err := deployed.Config(ctx, config.WithRegion(stack.Region))
	if err != nil || stack.Platform.Account == "" {
		return stack, c, err
	}
	got, err := whose(ctx, c)
	if err != nil {
		return nil, c, err
	}
	if got != stack.Platform.Account {
		return nil, c, fault.New(fault.Usage, fmt.Errorf("the credentials are for account %s, and live/%s/platform.yaml says account %s", got, stack.Name, stack.Platform.Account),
			"take the credentials of account "+stack.Platform.Account+", for example with AWS_PROFILE")
	}
	return stack, c, nil
}

// whose is the account that the credentials are for.
func whose(ctx context.Context, c aws.Config) (string, error) {
	who, err := sts.NewFromConfig(c).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", fault.New(fault.Failed, fmt.Errorf("ask AWS which account the credentials are for: %w", err), "log in, for example with aws sso login, or set AWS_PROFILE")
	}
	return aws.ToString(who.Account), nil
}
