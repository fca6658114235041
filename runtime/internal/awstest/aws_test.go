package awstest_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secrettypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"github.com/floe-data/floe/runtime/internal/awstest"
)

func TestSecrets(t *testing.T) {
	a := awstest.New(t)
	arn := a.Secret("floe-dev-chess")
	for _, name := range []string{"floe-dev-b", "floe-dev-c", "floe-dev-d", "other"} {
		a.Secret(name)
	}
	c := secretsmanager.NewFromConfig(a.Config())
	ctx := context.Background()
	var empty *secrettypes.ResourceNotFoundException
	if _, err := c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn}); !errors.As(err, &empty) || !strings.Contains(err.Error(), "AWSCURRENT") {
		t.Fatalf("a secret without a value: %v", err)
	}
	if _, err := c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: aws.String("floe-dev-chess"), SecretString: aws.String("hush")}); err != nil {
		t.Fatal(err)
	}
	got, err := c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
	if err != nil || aws.ToString(got.SecretString) != "hush" {
		t.Fatalf("%v %v", got, err)
	}
	if v, ok := a.SecretValue(arn); !ok || v != "hush" {
		t.Errorf("%q %v", v, ok)
	}
	is, err := c.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &arn})
	if err != nil || len(is.VersionIdsToStages) != 1 {
		t.Errorf("%+v %v", is, err)
	}
	var names []string
	in := &secretsmanager.ListSecretsInput{Filters: []secrettypes.Filter{{Key: secrettypes.FilterNameStringTypeName, Values: []string{"floe-dev-"}}}}
	for pages := secretsmanager.NewListSecretsPaginator(c, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.SecretList {
			names = append(names, *s.Name)
		}
	}
	if strings.Join(names, " ") != "floe-dev-b floe-dev-c floe-dev-chess floe-dev-d" {
		t.Error(names)
	}
}

// TestVersionIds: what floe's commits stand on, and moto does not do.
func TestVersionIds(t *testing.T) {
	a := awstest.New(t)
	a.Database("d", "s3://b/d", nil)
	c := glue.NewFromConfig(a.Config())
	ctx := context.Background()
	in := &gluetypes.TableInput{Name: aws.String("T")}
	if _, err := c.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: aws.String("d"), TableInput: in}); err != nil {
		t.Fatal(err)
	}
	var there *gluetypes.AlreadyExistsException
	if _, err := c.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: aws.String("d"), TableInput: in}); !errors.As(err, &there) {
		t.Error(err)
	}
	update := func() error {
		_, err := c.UpdateTable(ctx, &glue.UpdateTableInput{DatabaseName: aws.String("d"), TableInput: in, VersionId: aws.String("0")})
		return err
	}
	if err := update(); err != nil {
		t.Fatal(err)
	}
	var moved *gluetypes.ConcurrentModificationException
	if err := update(); !errors.As(err, &moved) {
		t.Errorf("an old version: %v", err)
	}
}

func TestFailures(t *testing.T) {
	a := awstest.New(t)
	a.Bucket("b")
	c := s3.NewFromConfig(a.Config())
	put := func() error {
		_, err := c.PutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("k"), Body: bytes.NewReader([]byte("x"))})
		return err
	}
	calls := 0
	a.Fail(func(r awstest.Request) *awstest.Failure {
		calls++
		if calls < 3 && r.Action == "PutObject" && r.Resource == "b/k" {
			return awstest.SlowDown
		}
		return nil
	})
	if err := put(); err != nil || calls != 3 {
		t.Errorf("the SDK tries again: %d calls, %v", calls, err)
	}
	a.DeleteObject("b", "k")
	a.Fail(func(awstest.Request) *awstest.Failure { return awstest.AccessDenied })
	var api smithy.APIError
	if err := put(); !errors.As(err, &api) || api.ErrorCode() != "AccessDenied" || len(a.Keys("b")) > 0 {
		t.Error(err)
	}
	a.Fail(func(awstest.Request) *awstest.Failure { return awstest.Lost })
	if err := put(); err == nil || len(a.Keys("b")) != 1 {
		t.Errorf("done, but not answered: %v, %v", a.Keys("b"), err)
	}
}
