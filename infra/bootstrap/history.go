package bootstrap

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/floe-data/floe/runtime/fault"
)

// Where Pulumi keeps its state in a bucket.
const (
	stateRoot  = ".pulumi/"
	stateFiles = stateRoot + "stacks/"
	stateLocks = stateRoot + "locks/"
)

// refuseInUse refuses to go on while the bucket holds what somebody needs: a
// stack with resources, a running update, or files that are not Pulumi's.
func (a *Account) refuseInUse(ctx context.Context) error {
	var found []string
	pages := s3.NewListObjectsV2Paginator(a.s3, &s3.ListObjectsV2Input{Bucket: a.name(), ExpectedBucketOwner: a.owner()})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return a.failed("list the state bucket "+a.Bucket(), err)
		}
		for _, object := range page.Contents {
			use, err := a.use(ctx, aws.ToString(object.Key))
			if err != nil {
				return err
			}
			if use != "" {
				found = append(found, use)
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	const most = 10
	if len(found) > most {
		found = append(found[:most], fmt.Sprintf("and %d more", len(found)-most))
	}
	return fault.New(fault.Usage, fmt.Errorf("the state bucket %s is in use, nothing was touched:\n  %s", a.Bucket(), strings.Join(found, "\n  ")),
		"destroy each stack first: make destroy STACK=… CONFIRM=…; move away what is not Pulumi's")
}

// use says what an object of the bucket is needed for, "" for history.
func (a *Account) use(ctx context.Context, name string) (string, error) {
	switch {
	case strings.HasPrefix(name, stateLocks):
		return "an update is running, or was killed: " + name + " (pulumi cancel)", nil
	case strings.HasPrefix(name, stateFiles) && (strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".json.gz")):
		n, err := a.resources(ctx, name)
		if err != nil || n == 0 {
			return "", err
		}
		stack, _, _ := strings.Cut(strings.TrimPrefix(name, stateFiles), ".json")
		return fmt.Sprintf("stack %s has %d resources", stack, n), nil
	case strings.HasPrefix(name, stateRoot):
		return "", nil
	}
	return "not Pulumi's: " + name, nil
}

// resources counts the resources of a stack's state.
func (a *Account) resources(ctx context.Context, name string) (int, error) {
	act := "read the state s3://" + a.Bucket() + "/" + name
	out, err := a.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: a.name(), Key: aws.String(name), ExpectedBucketOwner: a.owner()})
	if err != nil {
		return 0, a.failed(act, err)
	}
	defer out.Body.Close()
	n, err := countResources(out.Body, strings.HasSuffix(name, ".gz"))
	if err != nil {
		return 0, a.failed(act, err)
	}
	return n, nil
}

func countResources(body io.Reader, zipped bool) (int, error) {
	if zipped {
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			return 0, err
		}
		body = unzipped
	}
	var state struct {
		Checkpoint *struct {
			Latest struct {
				Resources []json.RawMessage `json:"resources"`
			} `json:"latest"`
		} `json:"checkpoint"`
	}
	if err := json.NewDecoder(body).Decode(&state); err != nil {
		return 0, err
	}
	if state.Checkpoint == nil {
		return 0, errors.New("it holds no checkpoint")
	}
	return len(state.Checkpoint.Latest.Resources), nil
}

// removeBucket removes the bucket that bootstrap made, with its history.
func (a *Account) removeBucket(ctx context.Context) error {
	exists, err := a.hasBucket(ctx)
	if err != nil || !exists {
		return err
	}
	what := "state bucket " + a.Bucket()
	ours, err := a.bucketIsOurs(ctx)
	if err != nil {
		return err
	}
	if !ours {
		a.say(kept, "%s: it was here before, with the properties that bootstrap held", what)
		return nil
	}
	return a.act(removed, what+" with the history of its stacks", func() error {
		if err := a.emptyBucket(ctx); err != nil {
			return err
		}
		_, err := a.s3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: a.name(), ExpectedBucketOwner: a.owner()})
		return err
	})
}

// emptyBucket deletes every version of every object.
func (a *Account) emptyBucket(ctx context.Context) error {
	pages := s3.NewListObjectVersionsPaginator(a.s3, &s3.ListObjectVersionsInput{Bucket: a.name(), ExpectedBucketOwner: a.owner()})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list its versions: %w", err)
		}
		var objects []types.ObjectIdentifier
		for _, v := range page.Versions {
			objects = append(objects, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			objects = append(objects, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if len(objects) == 0 {
			continue
		}
		out, err := a.s3.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: a.name(), ExpectedBucketOwner: a.owner(),
			Delete: &types.Delete{Objects: objects, Quiet: aws.Bool(true)}})
		if err != nil {
			return fmt.Errorf("delete %d versions: %w", len(objects), err)
		}
		if len(out.Errors) > 0 {
			e := out.Errors[0]
			return fmt.Errorf("delete %s: %s: %s", aws.ToString(e.Key), aws.ToString(e.Code), aws.ToString(e.Message))
		}
	}
	return nil
}
