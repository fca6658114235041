package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/floe-data/floe/runtime/fault"
)

// Options says which lake to open and how.
type Options struct {
	Home        string           // the folder; made if it is missing, made absolute
	Glue        *GlueOptions     // a deployed stack's lake: Glue and S3; Home is not used
	S3Tables    *S3TablesOptions // a deployed stack's lake in an S3 table bucket; neither Home nor Glue is used
	LockTimeout time.Duration    // how long to wait for another process's lock on the catalog, default 10s
	ReadOnly    bool             // every act that changes something is ErrReadOnly; a home that is not there is ErrNotFound
	Absent      bool             // with ReadOnly: a home that is not there is an empty one, and is not made
}

// GlueOptions say which stack's lake to open. A schema is the Glue database
// environment.PhysicalSchema(Project, Stack, schema), which infra makes; its
// LocationUri says where the schema's tables lie.
type GlueOptions struct {
	Project string
	Stack   string
	Config  aws.Config // region, credentials, endpoint and retryer of Glue and S3
}

// Lake is an open lake. Its methods may be called from several goroutines.
type Lake struct {
	home    string
	wait    time.Duration // for the catalog's answer when a commit's was lost
	reading bool          // nothing may be changed
	catalog catalog
	fs      filesystem
	swap    swapper
	batch   int64 // bytes of data files that one commit of maintenance replaces
	mu      sync.Mutex
	turns   map[Name]*sync.Mutex
}

// swapper is the catalog's compare-and-swap; tests lose its answers.
type swapper func(ctx context.Context, n Name, old, next entry) error

const defaultLockTimeout = 10 * time.Second

// Open opens a stack's lake if o.S3Tables or o.Glue is set, else the one at o.Home, and makes
// that unless o.ReadOnly is set.
func Open(ctx context.Context, o Options) (*Lake, error) {
	if o.LockTimeout == 0 {
		o.LockTimeout = defaultLockTimeout
	}
	if o.S3Tables != nil {
		return openS3Tables(o)
	}
	if o.Glue != nil {
		return openGlue(o)
	}
	return openHome(ctx, o)
}

func openHome(ctx context.Context, o Options) (*Lake, error) {
	home, err := filepath.Abs(o.Home)
	if err != nil {
		return nil, fmt.Errorf("open the lake %s: %w", o.Home, err)
	}
	path := filepath.Join(home, "catalog.db")
	absent := false
	if o.ReadOnly {
		if _, err := os.Stat(path); o.Absent && errors.Is(err, os.ErrNotExist) {
			absent = true
		} else if err != nil {
			return nil, fault.New(fault.Usage, fmt.Errorf("%w: no lake at %s (%w)", ErrNotFound, home, err), "floe run")
		}
	} else if err := os.MkdirAll(filepath.Join(home, "warehouse"), 0o755); err != nil {
		return nil, fmt.Errorf("make the lake %s: %w", home, err)
	}
	db, err := openSQLite(path, o.ReadOnly)
	if err != nil {
		return nil, fmt.Errorf("open the catalog %s: %w", path, err)
	}
	c := &sqliteCatalog{db: db, path: path, wait: o.LockTimeout, readOnly: o.ReadOnly}
	if absent {
		c.home = home // nothing is asked of the database: it would be made
		return newLake(o, newHome{c}, localFS{}, home), nil
	}
	made, err := c.prepare(ctx, home)
	if err == nil {
		c.home, err = settle(made, home)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return newLake(o, c, localFS{}, c.home), nil
}

func newLake(o Options, c catalog, fs filesystem, home string) *Lake {
	return &Lake{home: home, wait: o.LockTimeout, reading: o.ReadOnly, catalog: c, fs: fs, swap: c.swap, batch: maintainBatch, turns: map[Name]*sync.Mutex{}}
}

// settle compares the home that the catalog was made for with the one that was
// opened. Another way to the same folder is fine; metadata keeps the first.
func settle(made, home string) (string, error) {
	if made == home {
		return home, nil
	}
	was, errWas := os.Stat(made)
	is, errIs := os.Stat(home)
	if errWas == nil && errIs == nil && os.SameFile(was, is) {
		return made, nil
	}
	return "", fault.New(fault.Failed, fmt.Errorf("%w: the lake at %s was made at %s, and its tables name their files by that path", ErrMoved, home, made),
		fmt.Sprintf("move it back to %s, or delete %s and load again", made, home))
}

// Close gives the catalog back and removes temporary files.
func (l *Lake) Close() error { return errors.Join(l.catalog.close(), l.fs.close()) }

// Home is the lake's folder, absolute; "" for a deployed stack's.
func (l *Lake) Home() string { return l.home }

// Remover is who removes the files that tables no longer have where Maintain and
// DropTable do not: S3 Tables, "" for them.
func (l *Lake) Remover() string { return l.catalog.remover() }

// Relation is a table or a view of the catalog.
type Relation struct {
	Name Name
	View bool

	location string // of its metadata
}

// Schemas lists the schemas, sorted.
func (l *Lake) Schemas(ctx context.Context) ([]string, error) { return l.catalog.schemas(ctx) }

// Relations lists the tables and views of one schema, or of all if schemaName
// is "", sorted by name. It reads the catalog only, no table's metadata.
func (l *Lake) Relations(ctx context.Context, schemaName string) ([]Relation, error) {
	return l.catalog.list(ctx, schemaName)
}

// Exists says whether n is a table or a view.
func (l *Lake) Exists(ctx context.Context, n Name) (table, view bool, err error) {
	e, err := l.catalog.find(ctx, n)
	return e.kind == kindTable, e.view(), err
}

// inFolder is a relation's folder where it is below its schema's.
func inFolder(ctx context.Context, c catalog, n Name) (string, error) {
	root, err := c.folder(ctx, n.Schema)
	if err != nil {
		return "", err
	}
	return under(root, n.Table), nil
}

// turn keeps this process's commits to one table from racing each other; other
// processes' are met by the compare-and-swap.
func (l *Lake) turn(n Name) *sync.Mutex {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.turns[n] == nil {
		l.turns[n] = &sync.Mutex{}
	}
	return l.turns[n]
}

func (l *Lake) writable(act string, n Name) error {
	if l.reading {
		return fmt.Errorf("%s %s: %w", act, n, ErrReadOnly)
	}
	return n.check()
}
