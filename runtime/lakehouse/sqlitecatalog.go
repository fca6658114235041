package lakehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/floe-data/floe/runtime/fault"
)

// sqliteCatalog is <home>/catalog.db: the tables of an Iceberg SQL catalog, schema
// V1, as iceberg-go, PyIceberg and Java's JdbcCatalog know it. It is spoken to
// directly, because what matters to us is one compare-and-swap of a metadata
// location, and that a name changes from a view to a table in one step.
type sqliteCatalog struct {
	db       *sql.DB
	path     string
	home     string // that the catalog was made for
	wait     time.Duration
	readOnly bool
}

const catalogName = "floe"

const catalogTables = `
CREATE TABLE IF NOT EXISTS iceberg_tables (
	catalog_name VARCHAR(255) NOT NULL,
	table_namespace VARCHAR(255) NOT NULL,
	table_name VARCHAR(255) NOT NULL,
	metadata_location VARCHAR(1000),
	previous_metadata_location VARCHAR(1000),
	iceberg_type VARCHAR(5),
	PRIMARY KEY (catalog_name, table_namespace, table_name)
);
CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
	catalog_name VARCHAR(255) NOT NULL,
	namespace VARCHAR(255) NOT NULL,
	property_key VARCHAR(255) NOT NULL,
	property_value VARCHAR(1000) NOT NULL,
	PRIMARY KEY (catalog_name, namespace, property_key)
);
CREATE TABLE IF NOT EXISTS floe_lake (
	key VARCHAR(255) NOT NULL PRIMARY KEY,
	value VARCHAR(1000) NOT NULL
);`

const queryHome = `SELECT value FROM floe_lake WHERE key = 'home'`

// prepare makes the tables that are missing, and says which home the catalog
// was made for: this one if it is new.
func (c *sqliteCatalog) prepare(ctx context.Context, home string) (string, error) {
	if !c.readOnly {
		if err := c.create(ctx, home); err != nil {
			return "", fmt.Errorf("prepare the catalog %s: %w", c.path, err)
		}
	}
	made, err := c.rows(ctx, queryHome)
	if err != nil {
		return "", fmt.Errorf("read the catalog %s: %w", c.path, err)
	}
	if len(made) == 0 {
		return home, nil
	}
	return made[0][0], nil
}

func (c *sqliteCatalog) create(ctx context.Context, home string) error {
	found, err := c.rows(ctx, queryHome)
	if len(found) > 0 || errors.Is(err, ErrLocked) || sqliteCode(err) == codeNotADB {
		return err // the usual case takes no write lock
	}
	return c.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, catalogTables); err != nil {
			return err
		}
		var typed int // a catalog that an older PyIceberg made is of schema V0
		err := tx.QueryRowContext(ctx, `SELECT count(*) FROM pragma_table_info('iceberg_tables') WHERE name = 'iceberg_type'`).Scan(&typed)
		if err != nil {
			return err
		}
		if typed == 0 {
			if _, err := tx.ExecContext(ctx, `ALTER TABLE iceberg_tables ADD COLUMN iceberg_type VARCHAR(5)`); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO floe_lake VALUES ('home', ?) ON CONFLICT DO NOTHING`, home)
		return err
	})
}

// find gives a relation's entry; its kind is "" if there is none.
func (c *sqliteCatalog) find(ctx context.Context, n Name) (entry, error) {
	rows, err := c.rows(ctx, `SELECT coalesce(iceberg_type, 'TABLE'), metadata_location FROM iceberg_tables
		WHERE catalog_name = ? AND table_namespace = ? AND table_name = ?`, catalogName, n.Schema, n.Table)
	if err != nil {
		return entry{}, fmt.Errorf("look up %s in the catalog: %w", n, err)
	}
	if len(rows) == 0 {
		return entry{}, nil
	}
	return entry{kind: rows[0][0], location: rows[0][1]}, nil
}

// list gives the relations of a schema, or of all if it is "".
func (c *sqliteCatalog) list(ctx context.Context, schemaName string) ([]Relation, error) {
	query, args := `SELECT table_namespace, table_name, coalesce(iceberg_type, 'TABLE'), metadata_location FROM iceberg_tables WHERE catalog_name = ?`, []any{catalogName}
	if schemaName != "" {
		query, args = query+` AND table_namespace = ?`, append(args, schemaName)
	}
	rows, err := c.rows(ctx, query+` ORDER BY 1, 2`, args...)
	if err != nil {
		return nil, fmt.Errorf("list the catalog's relations: %w", err)
	}
	found := make([]Relation, len(rows))
	for i, v := range rows {
		found[i] = Relation{Name: Name{Schema: v[0], Table: v[1]}, View: v[2] == kindView, location: v[3]}
	}
	return found, nil
}

// schemas gives the namespaces, those without relations too.
func (c *sqliteCatalog) schemas(ctx context.Context) ([]string, error) {
	rows, err := c.rows(ctx, `SELECT namespace FROM iceberg_namespace_properties WHERE catalog_name = ?
		UNION SELECT table_namespace FROM iceberg_tables WHERE catalog_name = ? ORDER BY 1`, catalogName, catalogName)
	if err != nil {
		return nil, fmt.Errorf("list the catalog's schemas: %w", err)
	}
	found := make([]string, len(rows))
	for i, v := range rows {
		found[i] = v[0]
	}
	return found, nil
}

// swap makes next the relation's entry if it still is old; errMovedOn if not.
// An empty kind stands for no entry, on either side. The namespace is made.
func (c *sqliteCatalog) swap(ctx context.Context, n Name, old, next entry) error {
	err := c.write(ctx, func(tx *sql.Tx) error {
		key := []any{catalogName, n.Schema, n.Table}
		var result sql.Result
		var err error
		switch {
		case next.kind == "":
			result, err = tx.ExecContext(ctx, `DELETE FROM iceberg_tables
				WHERE catalog_name = ? AND table_namespace = ? AND table_name = ? AND metadata_location = ?`, append(key, old.location)...)
		case old.kind == "":
			_, err = tx.ExecContext(ctx, `INSERT INTO iceberg_namespace_properties VALUES (?, ?, 'exists', 'true') ON CONFLICT DO NOTHING`, catalogName, n.Schema)
			if err != nil {
				return err
			}
			result, err = tx.ExecContext(ctx, `INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, iceberg_type, metadata_location)
				VALUES (`+placeholders(5)+`) ON CONFLICT DO NOTHING`, append(key, next.kind, next.location)...)
		default:
			result, err = tx.ExecContext(ctx, `UPDATE iceberg_tables SET iceberg_type = ?, metadata_location = ?, previous_metadata_location = ?
				WHERE catalog_name = ? AND table_namespace = ? AND table_name = ? AND metadata_location = ?`,
				append([]any{next.kind, next.location, old.location}, append(key, old.location)...)...)
		}
		if err != nil {
			return err
		}
		if changed, err := result.RowsAffected(); err != nil || changed == 1 {
			return err
		}
		return errMovedOn
	})
	if err != nil {
		return fmt.Errorf("commit %s in the catalog: %w", n, err)
	}
	return nil
}

// folder is where a schema's relations are.
func (c *sqliteCatalog) folder(_ context.Context, schemaName string) (string, error) {
	return filepath.Join(c.home, "warehouse", schemaName), nil
}

func (c *sqliteCatalog) place(ctx context.Context, n Name) (string, error) {
	return inFolder(ctx, c, n)
}

func (c *sqliteCatalog) noViews(Name) error { return nil }

func (c *sqliteCatalog) remover() string { return "" }

func (c *sqliteCatalog) check(ctx context.Context) []Problem {
	rows, err := c.rows(ctx, "PRAGMA quick_check")
	if err != nil {
		return []Problem{{What: fmt.Sprintf("the catalog %s does not read: %v", c.path, err), Advice: fault.Next(err)}}
	}
	var found []Problem
	for _, r := range rows {
		if r[0] != "ok" {
			found = append(found, Problem{What: fmt.Sprintf("the catalog %s is damaged: %s", c.path, r[0]),
				Advice: "restore it from a copy, or delete the home and load again"})
		}
	}
	return found
}

func (c *sqliteCatalog) close() error {
	if err := c.db.Close(); err != nil {
		return fmt.Errorf("close the catalog %s: %w", c.path, err)
	}
	return nil
}
