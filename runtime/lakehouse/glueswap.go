package lakehouse

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func (c *glueCatalog) swap(ctx context.Context, n Name, old, next entry) error {
	var err error
	switch {
	case next.view() || old.view() && next.kind == "":
		return c.noViews(n)
	case next.kind == "":
		err = c.delete(ctx, n, old)
	case old.kind == "":
		err = c.create(ctx, n, next)
	default:
		err = c.update(ctx, n, old, next)
	}
	if err != nil {
		return fmt.Errorf("commit %s in Glue: %w", n, swapError(err))
	}
	return nil
}

func (c *glueCatalog) create(ctx context.Context, n Name, next entry) error {
	if _, err := c.folder(ctx, n.Schema); err != nil {
		return err
	}
	_, err := c.client.CreateTable(ctx, &glue.CreateTableInput{
		DatabaseName: aws.String(c.database(n.Schema)), TableInput: tableInput(types.Table{Name: tableName(n)}, entry{}, next),
	})
	var missing *types.EntityNotFoundException
	if errors.As(err, &missing) {
		return c.noDatabase(n.Schema) // it was deleted after we had looked
	}
	return err
}

// update changes the table that is there if its pointer still is old's: Glue
// compares the VersionId of what we have just read.
func (c *glueCatalog) update(ctx context.Context, n Name, old, next entry) error {
	t, err := c.table(ctx, n)
	if err != nil {
		return err
	}
	if t == nil || !entryOf(*t).same(old) {
		return errMovedOn
	}
	if old.view() {
		*t = types.Table{Name: t.Name, VersionId: t.VersionId} // nothing of a view is a table's
	}
	_, err = c.client.UpdateTable(ctx, &glue.UpdateTableInput{
		DatabaseName: aws.String(c.database(n.Schema)), TableInput: tableInput(*t, old, next),
		VersionId: t.VersionId, SkipArchive: aws.Bool(true),
	})
	return err
}

// delete removes the table if its pointer still is old's. Glue has no
// conditional DeleteTable: a commit of another writer between our look and the
// call is lost with the table. Nothing but a drop comes here.
func (c *glueCatalog) delete(ctx context.Context, n Name, old entry) error {
	t, err := c.table(ctx, n)
	if err != nil {
		return err
	}
	if t == nil || !entryOf(*t).same(old) {
		return errMovedOn
	}
	_, err = c.client.DeleteTable(ctx, &glue.DeleteTableInput{DatabaseName: aws.String(c.database(n.Schema)), Name: tableName(n)})
	var gone *types.EntityNotFoundException
	if errors.As(err, &gone) {
		return nil // a try whose answer was lost, or another's drop
	}
	return err
}

// answered is an error together with what it says of a swap.
type answered struct {
	error
	says error
}

func (a answered) Unwrap() []error { return []error{a.error, a.says} }

// swapError tells what an error says of a swap: that another commit came first
// (which may be the SDK's own try before, whose answer was lost), that it is
// refused and will be again, or that it may have been done or will be.
func swapError(err error) error {
	if errors.Is(err, ErrNoSchema) {
		return answered{err, errRefused}
	}
	var moved *types.ConcurrentModificationException
	var there *types.AlreadyExistsException
	var gone *types.EntityNotFoundException
	if errors.As(err, &moved) || errors.As(err, &there) || errors.As(err, &gone) {
		return answered{err, errMovedOn}
	}
	if errors.Is(err, errMovedOn) {
		return err
	}
	var response *smithyhttp.ResponseError
	var api smithy.APIError
	if !errors.As(err, &response) || response.HTTPStatusCode() >= 500 || !errors.As(err, &api) {
		return answered{err, errUnanswered}
	}
	// The SDK's last try was throttled; one before may have been done.
	if _, throttled := retry.DefaultThrottleErrorCodes[api.ErrorCode()]; throttled {
		return answered{err, errUnanswered}
	}
	return answered{err, errRefused}
}
