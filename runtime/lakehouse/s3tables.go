package lakehouse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3tables"
	"github.com/aws/aws-sdk-go-v2/service/s3tables/types"
	"golang.org/x/sync/errgroup"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
)

// s3TablesCatalog is the S3 table bucket of one stack. A schema is a namespace
// that infra made, named as its Glue database would be; namespaces are neither
// created nor dropped here. S3 Tables gives each table a place of its own and
// removes files itself; the version token that UpdateTableMetadataLocation
// compares makes changing a table's pointer a compare-and-swap. A table that has
// no metadata yet is none: only its place was asked for.
type s3TablesCatalog struct {
	client         *s3tables.Client
	bucket         string // its ARN
	project, stack string
}

var _ catalog = (*s3TablesCatalog)(nil)

// namespace is the namespace of a schema.
func (c *s3TablesCatalog) namespace(schemaName string) string {
	return environment.PhysicalSchema(c.project, c.stack, schemaName)
}

// spot is what S3 Tables knows of a table.
type spot struct {
	place    string // its files'
	metadata string // its location, "" if it has none yet
	token    string
}

// plainName is what S3 Tables takes for a table's name.
var plainName = regexp.MustCompile(`^[0-9a-z]([0-9a-z_]*[0-9a-z])?$`)

// tableID is a table's name in S3 Tables, which keeps lower case only.
func tableID(n Name) (*string, error) {
	if name := tableName(n); plainName.MatchString(*name) {
		return name, nil
	}
	return nil, fault.New(fault.Usage, fmt.Errorf("table %s: in an S3 table bucket a name has the letters a to z, digits and _, and neither begins nor ends with _", n), "give it another name")
}

// spot looks a table up; nil if there is none. A namespace that is not there is
// ErrNoSchema.
func (c *s3TablesCatalog) spot(ctx context.Context, n Name) (*spot, error) {
	name, err := tableID(n)
	if err != nil {
		return nil, err
	}
	out, err := c.client.GetTableMetadataLocation(ctx, &s3tables.GetTableMetadataLocationInput{
		TableBucketARN: &c.bucket, Namespace: aws.String(c.namespace(n.Schema)), Name: name,
	})
	var missing *types.NotFoundException
	if errors.As(err, &missing) {
		return nil, c.there(ctx, n.Schema)
	}
	if err != nil {
		return nil, fmt.Errorf("look up %s in S3 Tables: %w", n, err)
	}
	return &spot{strings.TrimRight(aws.ToString(out.WarehouseLocation), "/"), aws.ToString(out.MetadataLocation), aws.ToString(out.VersionToken)}, nil
}

// there is an error if the namespace of a schema is not there.
func (c *s3TablesCatalog) there(ctx context.Context, schemaName string) error {
	name := c.namespace(schemaName)
	_, err := c.client.GetNamespace(ctx, &s3tables.GetNamespaceInput{TableBucketARN: &c.bucket, Namespace: &name})
	var missing *types.NotFoundException
	if errors.As(err, &missing) {
		return fault.New(fault.Failed, fmt.Errorf("%w: schema %s is the namespace %s of %s, which does not exist", ErrNoSchema, schemaName, name, c.bucket), c.deploy())
	}
	if err != nil {
		return fmt.Errorf("look up the namespace %s of %s: %w", name, c.bucket, err)
	}
	return nil
}

func (c *s3TablesCatalog) deploy() string { return "make deploy STACK=" + c.stack }

func (c *s3TablesCatalog) find(ctx context.Context, n Name) (entry, error) {
	s, err := c.spot(ctx, n)
	if err != nil || s == nil || s.metadata == "" {
		return entry{}, err
	}
	return entry{kind: kindTable, location: s.metadata}, nil
}

// place is where S3 Tables keeps a table's files; one that is not there yet is
// made, without metadata, because nothing else tells. S3's own compaction and
// snapshot management, on by default, are turned off as long as nobody has
// committed to it: floe maintain does both, as long as live/ says.
func (c *s3TablesCatalog) place(ctx context.Context, n Name) (string, error) {
	s, err := c.spot(ctx, n)
	if err != nil {
		return "", err
	}
	if s == nil {
		if s, err = c.reserve(ctx, n); err != nil {
			return "", err
		}
	}
	if s.metadata == "" {
		err = c.unmanage(ctx, n)
	}
	return s.place, err
}

// reserve makes a table that has no metadata.
func (c *s3TablesCatalog) reserve(ctx context.Context, n Name) (*spot, error) {
	_, err := c.client.CreateTable(ctx, &s3tables.CreateTableInput{
		TableBucketARN: &c.bucket, Namespace: aws.String(c.namespace(n.Schema)), Name: tableName(n), Format: types.OpenTableFormatIceberg,
	})
	// It may be there in spite of an error: another process was first, or the
	// answer was lost.
	s, lookErr := c.spot(ctx, n)
	if s != nil {
		return s, nil
	}
	if err = errors.Join(err, lookErr); err == nil {
		err = errors.New("it is not there, though it was made")
	}
	return nil, fmt.Errorf("make %s in S3 Tables: %w", n, err)
}

func (c *s3TablesCatalog) unmanage(ctx context.Context, n Name) error {
	for _, kind := range []types.TableMaintenanceType{types.TableMaintenanceTypeIcebergCompaction, types.TableMaintenanceTypeIcebergSnapshotManagement} {
		_, err := c.client.PutTableMaintenanceConfiguration(ctx, &s3tables.PutTableMaintenanceConfigurationInput{
			TableBucketARN: &c.bucket, Namespace: aws.String(c.namespace(n.Schema)), Name: tableName(n),
			Type: kind, Value: &types.TableMaintenanceConfigurationValue{Status: types.MaintenanceStatusDisabled},
		})
		if err != nil {
			return fmt.Errorf("turn the %s of %s off in S3 Tables: %w", kind, n, err)
		}
	}
	return nil
}

// folder is an error: the tables of a namespace have no folder in common.
func (c *s3TablesCatalog) folder(_ context.Context, schemaName string) (string, error) {
	return "", fault.New(fault.Failed, fmt.Errorf("schema %s is a namespace of an S3 table bucket, where each table has a place of its own that no other may take", schemaName), "")
}

func (c *s3TablesCatalog) schemas(ctx context.Context) ([]string, error) {
	begins := c.namespace("")
	var found []string
	in := &s3tables.ListNamespacesInput{TableBucketARN: &c.bucket, Prefix: &begins}
	for pages := s3tables.NewListNamespacesPaginator(c.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the namespaces of %s: %w", c.bucket, err)
		}
		for _, s := range page.Namespaces {
			if name, ok := strings.CutPrefix(strings.Join(s.Namespace, "."), begins); ok && name != "" {
				found = append(found, name)
			}
		}
	}
	slices.Sort(found)
	return found, nil
}

func (c *s3TablesCatalog) list(ctx context.Context, schemaName string) ([]Relation, error) {
	return listed(ctx, c, schemaName)
}

// relations are the tables of one schema. The list does not tell which of them
// have metadata, so each is asked for it.
func (c *s3TablesCatalog) relations(ctx context.Context, schemaName string) ([]Relation, error) {
	var mu sync.Mutex
	var found []Relation
	in := &s3tables.ListTablesInput{TableBucketARN: &c.bucket, Namespace: aws.String(c.namespace(schemaName))}
	asking, askCtx := errgroup.WithContext(ctx)
	asking.SetLimit(besides)
	for pages := s3tables.NewListTablesPaginator(c.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("list the tables of the namespace %s: %w", *in.Namespace, err), asking.Wait())
		}
		for _, t := range page.Tables {
			asking.Go(func() error {
				n := Name{schemaName, aws.ToString(t.Name)}
				e, err := c.find(askCtx, n)
				if err != nil || e.kind == "" {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				found = append(found, Relation{Name: n, location: e.location})
				return nil
			})
		}
	}
	err := asking.Wait()
	slices.SortFunc(found, func(a, b Relation) int { return cmp.Compare(a.Name.Table, b.Name.Table) })
	return found, err
}

func (c *s3TablesCatalog) noViews(n Name) error {
	return fault.New(fault.Failed, fmt.Errorf("view %s: an S3 table bucket keeps tables only", n), "make it a table")
}

func (c *s3TablesCatalog) remover() string { return "S3 Tables" }

// check finds nothing to say of S3 Tables itself: what does not answer is an
// error of the listing that follows.
func (c *s3TablesCatalog) check(context.Context) []Problem { return nil }

func (c *s3TablesCatalog) close() error { return nil }
