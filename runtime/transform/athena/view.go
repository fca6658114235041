package athena

import (
	"context"
	"fmt"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/transform"
)

// stageView makes the view under a name of its own: Athena checks its SQL, and
// tests read it.
func (e *Engine) stageView(ctx context.Context, b transform.Build) (*staged, error) {
	a, err := newAside(b.Name, "")
	if err != nil {
		return nil, err
	}
	if err := e.putView(ctx, a.name, b.SQL); err != nil {
		return nil, err
	}
	e.hold(b.Name, &relation{kind: transform.KindView, body: e.physical(a.name)})
	return &staged{
		commit:  func(ctx context.Context) error { return e.publishView(ctx, b, a) },
		discard: func(ctx context.Context) error { return e.dropView(ctx, a.name) },
	}, nil
}

func (e *Engine) putView(ctx context.Context, n lakehouse.Name, sql string) error {
	_, err := e.run(ctx, "CREATE OR REPLACE VIEW "+e.physical(n)+" AS\n"+e.resolve(sql))
	return err
}

// publishView replaces what has the view's name. A table goes first, once the
// view is known to work: Glue cannot exchange the two in one act.
func (e *Engine) publishView(ctx context.Context, b transform.Build, a aside) error {
	e.forget(b.Name)
	table, _, err := e.lake.Exists(ctx, b.Name)
	if err != nil {
		return fmt.Errorf("look for what has its name: %w", err)
	}
	if table { // what has begun is brought to its end: else neither would be there
		sure, cancel := context.WithTimeout(context.WithoutCancel(ctx), exchangeWithin)
		defer cancel()
		ctx = sure
		if err := e.lake.DropTable(ctx, b.Name); err != nil {
			return fmt.Errorf("drop the table of the same name: %w", err)
		}
	}
	err = e.putView(ctx, b.Name, b.SQL)
	if err == nil {
		e.tidy(ctx, func(ctx context.Context) error { return e.dropView(ctx, a.name) })
	}
	return err
}

func (e *Engine) dropView(ctx context.Context, n lakehouse.Name) error {
	_, err := e.run(ctx, "DROP VIEW IF EXISTS "+e.physical(n))
	return err
}
