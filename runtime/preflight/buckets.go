package preflight

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/floe-data/floe/runtime/naming"
)

// bucketNames asks whose the buckets' names are: they are one space for all of
// AWS.
func bucketNames(ctx context.Context, a *account) []Finding {
	regions := map[string]string{}
	var all []string
	for _, b := range a.wanted.Buckets {
		all = append(all, b.Name)
		regions[b.Name] = b.Region
	}
	return kind{what: "buckets", permission: "s3:ListBucket and s3:GetBucketTagging", names: all, look: func(ctx context.Context, name string) (holder, error) {
		return a.bucket(ctx, name, regions[name])
	}}.taken(ctx)
}

func (a *account) bucket(ctx context.Context, name, region string) (holder, error) {
	there := func(o *s3.Options) { o.Region = region }
	_, err := a.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name, ExpectedBucketOwner: &a.place.Account}, there)
	switch {
	case missing(err):
		return holder{free: true}, nil
	case refused(err):
		return a.unseen(ctx, a.place, name, err)
	case err != nil:
		return holder{}, err
	}
	out, err := a.s3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &name, ExpectedBucketOwner: &a.place.Account}, there)
	if err != nil && code(err) != "NoSuchTagSet" {
		return holder{}, err
	}
	tags := map[string]string{}
	if err == nil {
		for _, t := range out.TagSet {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	return a.tagged(tags, "empty and delete it if nobody needs it: aws s3 rb --force s3://"+name), nil
}

// unseen is a bucket that the caller was refused. One of another account, one
// that the caller may not see and, for who may see none, one that nobody has
// answer alike. A name that nobody has tells whether the caller may ask at all,
// and the list of the account's buckets which are its own.
func (a *account) unseen(ctx context.Context, at naming.Place, name string, refusal error) (holder, error) {
	nobody := at.Bucket("nobody")
	_, err := a.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &nobody})
	if !missing(err) {
		return holder{}, refusal
	}
	own, err := a.ownBuckets(ctx)
	switch {
	case err != nil && refused(err):
		f := unasked("buckets", "s3:ListAllMyBuckets", err)
		f.Says += ", and " + name + " is another account's, or not shown to this caller"
		return holder{skipped: &f}, nil
	case err != nil:
		return holder{}, err
	case slices.Contains(own, name):
		return holder{}, refusal
	}
	return holder{who: "is another account's", next: "give the project another name in Pulumi.yaml"}, nil
}

// ownBuckets are the names of all buckets of the account.
func (a *account) ownBuckets(ctx context.Context) ([]string, error) {
	var all []string
	for pages := s3.NewListBucketsPaginator(a.s3, &s3.ListBucketsInput{MaxBuckets: aws.Int32(1000)}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, b := range page.Buckets {
			all = append(all, aws.ToString(b.Name))
		}
	}
	return all, nil
}
