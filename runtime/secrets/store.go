package secrets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
)

// current is the stage of the version that is read.
const current = "AWSCURRENT"

// Store is the secrets of one stack.
type Store struct {
	client  *secretsmanager.Client
	project string
	stack   string
}

// NewStore gives a stack's secrets.
func NewStore(c aws.Config, project, stack string) *Store {
	return &Store{client: secretsmanager.NewFromConfig(c), project: project, stack: stack}
}

// Secret is a source's secret, without its value.
type Secret struct {
	Source string
	Name   string
	ARN    string
	Set    bool // it has a value
}

// Value is what a source's secret holds.
type Value struct {
	Text string
	Name string    // the secret's
	Set  time.Time // when it was given this value; zero if Secrets Manager did not say
}

// Age is how long ago it was set, in days.
func (v Value) Age(now time.Time) float64 { return now.Sub(v.Set).Hours() / 24 }

// Value reads the secret of a source by its ARN.
func (s *Store) Value(ctx context.Context, source, arn string) (Value, error) {
	out, err := s.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
	var missing *types.ResourceNotFoundException
	switch {
	case errors.As(err, &missing):
		// Either there is no such secret, or no version of it has a value yet.
		return Value{}, fault.New(fault.Usage, fmt.Errorf("the secret of source %s is empty (%s): %w", source, arn, err), Next(source, s.stack))
	case err != nil:
		return Value{}, fmt.Errorf("read the secret of source %s (%s): %w", source, arn, err)
	}
	value := Value{Text: cut(aws.ToString(out.SecretString)), Name: aws.ToString(out.Name), Set: aws.ToTime(out.CreatedDate)}
	if value.Text == "" {
		return Value{}, fault.New(fault.Usage, fmt.Errorf("the secret of source %s (%s) holds no text", source, arn), Next(source, s.stack))
	}
	return value, nil
}

// List gives the stack's secrets by source.
func (s *Store) List(ctx context.Context) (map[string]Secret, error) {
	pages := secretsmanager.NewListSecretsPaginator(s.client, &secretsmanager.ListSecretsInput{Filters: []types.Filter{
		{Key: types.FilterNameStringTypeTagKey, Values: []string{environment.TagSource}},
		{Key: types.FilterNameStringTypeTagValue, Values: []string{s.stack}},
	}})
	found := map[string]Secret{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the secrets of stack %s: %w", s.stack, err)
		}
		for _, entry := range page.SecretList {
			secret, ours := s.read(entry)
			if !ours {
				continue
			}
			if other, twice := found[secret.Source]; twice {
				return nil, fault.New(fault.Failed, fmt.Errorf("source %s of stack %s has two secrets, %s and %s: both have its tags", secret.Source, s.stack, other.Name, secret.Name),
					"delete the one that pulumi does not know, or take its tags away")
			}
			found[secret.Source] = secret
		}
	}
	return found, nil
}

// read says whether an entry is a secret of the stack. The filters of
// ListSecrets take prefixes, and do not tell which value belongs to which key.
func (s *Store) read(e types.SecretListEntry) (Secret, bool) {
	tags := map[string]string{}
	for _, t := range e.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	secret := Secret{Source: tags[environment.TagSource], Name: aws.ToString(e.Name), ARN: aws.ToString(e.ARN)}
	for _, stages := range e.SecretVersionsToStages {
		secret.Set = secret.Set || slices.Contains(stages, current)
	}
	return secret, secret.Source != "" && tags[environment.TagProject] == s.project && tags[environment.TagStack] == s.stack
}

// Put gives a source's secret a value.
func (s *Store) Put(ctx context.Context, source, value string) (Secret, error) {
	value, err := Check(value)
	if err != nil {
		return Secret{}, err
	}
	all, err := s.List(ctx)
	if err != nil {
		return Secret{}, err
	}
	secret, ok := all[source]
	if !ok {
		return secret, fault.New(fault.Usage, fmt.Errorf("stack %s has no secret for source %s", s.stack, source), "make deploy STACK="+s.stack+" makes it")
	}
	if _, err := s.client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &secret.ARN, SecretString: &value}); err != nil {
		return secret, fmt.Errorf("write the secret of source %s (%s): %w", source, secret.Name, err)
	}
	secret.Set = true
	return secret, nil
}
