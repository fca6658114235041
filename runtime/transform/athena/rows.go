package athena

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform"
)

// answer reads a query's result page by page.
type answer struct {
	engine  *Engine
	ctx     context.Context
	id      string
	outputs []output
	page    []types.Row
	token   *string
	values  []any
}

// pageSize is the most rows that Athena gives at once.
const pageSize = 1000

// rows opens the answer of an execution.
func (e *Engine) rows(ctx context.Context, x execution) (*transform.Rows, error) {
	a := &answer{engine: e, ctx: ctx, id: x.id}
	out, err := a.fetch()
	if err != nil {
		return nil, err
	}
	var columns []transform.ResultColumn
	if m := out.ResultSet.ResultSetMetadata; m != nil {
		for _, c := range m.ColumnInfo {
			o := outputOf(c)
			a.outputs = append(a.outputs, o)
			columns = append(columns, transform.ResultColumn{Column: schema.Column{Name: o.name, Type: o.answer()}, Engine: o.String()})
		}
	}
	if x.kind == types.StatementTypeDml && a.header() {
		a.page = a.page[1:]
	}
	a.values = make([]any, len(columns))
	return transform.NewRows(columns, a.next, nil), nil
}

func (a *answer) fetch() (*athena.GetQueryResultsOutput, error) {
	out, err := a.engine.api.GetQueryResults(a.ctx, &athena.GetQueryResultsInput{QueryExecutionId: &a.id, NextToken: a.token, MaxResults: aws.Int32(pageSize)})
	if err != nil && a.ctx.Err() != nil {
		return nil, fault.New(fault.Interrupted, fmt.Errorf("read the result of Athena query %s: %w", a.id, context.Cause(a.ctx)), "")
	}
	if err == nil && out.ResultSet == nil {
		err = errors.New("the answer has no result set")
	}
	if err != nil {
		return nil, fmt.Errorf("read the result of Athena query %s: %w", a.id, err)
	}
	a.page, a.token = out.ResultSet.Rows, out.NextToken
	return out, nil
}

// header says whether the first row holds the columns' names, as that of a
// SELECT does and that of SHOW does not.
func (a *answer) header() bool {
	if len(a.page) == 0 || len(a.page[0].Data) != len(a.outputs) {
		return false
	}
	for i, d := range a.page[0].Data {
		if aws.ToString(d.VarCharValue) != a.outputs[i].name {
			return false
		}
	}
	return true
}

func (a *answer) next() ([]any, error) {
	for len(a.page) == 0 {
		if a.token == nil {
			return nil, io.EOF
		}
		if _, err := a.fetch(); err != nil {
			return nil, err
		}
	}
	row := a.page[0].Data
	a.page = a.page[1:]
	if len(row) > len(a.outputs) {
		return nil, fmt.Errorf("read the result of Athena query %s: a row has %d values for %d columns", a.id, len(row), len(a.outputs))
	}
	for i, o := range a.outputs {
		a.values[i] = nil
		if i >= len(row) || row[i].VarCharValue == nil { // what is not there is NULL; an empty text is there
			continue
		}
		v, err := o.value(*row[i].VarCharValue)
		if err != nil {
			return nil, fmt.Errorf("read the result of Athena query %s: column %q: %w", a.id, o.name, err)
		}
		a.values[i] = v
	}
	return a.values, nil
}

// updated is how many rows a statement wrote.
func (e *Engine) updated(ctx context.Context, x execution) (int64, error) {
	out, err := e.api.GetQueryResults(ctx, &athena.GetQueryResultsInput{QueryExecutionId: &x.id})
	if err != nil {
		return 0, fmt.Errorf("ask Athena how many rows query %s wrote: %w", x.id, err)
	}
	return aws.ToInt64(out.UpdateCount), nil
}

// outputs asks for a query's columns without running it: Athena reads nothing
// for a LIMIT of none.
func (e *Engine) outputs(ctx context.Context, resolved string) ([]output, error) {
	x, err := e.run(ctx, "SELECT * FROM (\n"+resolved+"\n) LIMIT 0")
	if err != nil {
		return nil, err
	}
	a := &answer{engine: e, ctx: ctx, id: x.id}
	out, err := a.fetch()
	if err != nil {
		return nil, err
	}
	var list []output
	if m := out.ResultSet.ResultSetMetadata; m != nil {
		for _, c := range m.ColumnInfo {
			list = append(list, outputOf(c))
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("query %s of Athena tells no columns", x.id)
	}
	return list, nil
}
