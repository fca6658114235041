package lakehouse

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3tables"
	"github.com/aws/aws-sdk-go-v2/service/s3tables/types"

	"github.com/floe-data/floe/runtime/fault"
)

func (c *s3TablesCatalog) swap(ctx context.Context, n Name, old, next entry) error {
	var err error
	switch {
	case next.view() || old.view():
		return c.noViews(n)
	case next.kind == "":
		err = c.delete(ctx, n, old)
	default:
		err = c.update(ctx, n, old, next)
	}
	if err != nil {
		return fmt.Errorf("commit %s in S3 Tables: %w", n, c.swapError(err))
	}
	return nil
}

// update sets the pointer of a table if it still is old's, none for a table
// whose place was asked for: S3 Tables compares the token of what we have just
// read.
func (c *s3TablesCatalog) update(ctx context.Context, n Name, old, next entry) error {
	s, err := c.spot(ctx, n)
	switch {
	case err != nil:
		return err
	case s == nil && old.kind == "":
		return errPlaceGone(n)
	case s == nil || s.metadata != old.location:
		return errMovedOn
	case !below(s.place, next.location):
		return errPlaceGone(n)
	}
	_, err = c.client.UpdateTableMetadataLocation(ctx, &s3tables.UpdateTableMetadataLocationInput{
		TableBucketARN: &c.bucket, Namespace: aws.String(c.namespace(n.Schema)), Name: tableName(n),
		MetadataLocation: &next.location, VersionToken: &s.token,
	})
	return err
}

// errPlaceGone: the table was dropped after its place was asked for, and with it
// the files that were written there.
func errPlaceGone(n Name) error {
	return answered{fault.New(fault.Failed, fmt.Errorf("%w: table %s was dropped while it was made", ErrConflict, n), "run again"), errRefused}
}

// delete removes the table, and S3 its files, if its pointer still is old's.
func (c *s3TablesCatalog) delete(ctx context.Context, n Name, old entry) error {
	s, err := c.spot(ctx, n)
	if err != nil {
		return err
	}
	if s == nil || s.metadata != old.location {
		return errMovedOn
	}
	_, err = c.client.DeleteTable(ctx, &s3tables.DeleteTableInput{
		TableBucketARN: &c.bucket, Namespace: aws.String(c.namespace(n.Schema)), Name: tableName(n), VersionToken: &s.token,
	})
	var gone *types.NotFoundException
	if errors.As(err, &gone) {
		return nil // a try whose answer was lost, or another's drop
	}
	return err
}

// swapError tells what an error says of a swap, as Glue's does.
func (c *s3TablesCatalog) swapError(err error) error {
	var moved *types.ConflictException
	var gone *types.NotFoundException
	if errors.As(err, &moved) || errors.As(err, &gone) {
		return answered{err, errMovedOn}
	}
	if errors.Is(err, errRefused) {
		return err
	}
	return swapError(err)
}
