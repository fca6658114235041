package transform

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/floe-data/floe/runtime/transform/compiler"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// counts is what a test's query answers.
type counts struct {
	failures int64
	warn     bool
	fail     bool
}

// sampleRows is how many failing rows are kept.
const sampleRows = 20

// test runs one test; false means that it failed with severity error, or could
// not be run. owner is the node whose staged content it reads, nil for a test
// that stands alone.
func (r *runner) test(ctx context.Context, n, owner *manifest.Node) bool {
	res := r.begin(n)
	c, err := r.count(ctx, n, &res)
	if err != nil {
		res = failed(ctx, res, err)
		if res.Next == "" && res.Compiled != "" {
			res.Next = "look at the compiled SQL: " + res.Compiled
		}
		r.end(n, res)
		return false
	}
	judge(n, c, &res)
	if res.Status != StatusPass {
		r.explain(ctx, n, owner, &res)
	}
	r.end(n, res)
	return res.Status != StatusFail
}

// explain keeps the first failing rows and says how to see more. What cannot be
// had any more is left out: the test's end stands.
func (r *runner) explain(ctx context.Context, n, owner *manifest.Node, res *Result) {
	if res.Compiled != "" {
		res.Message += "; compiled SQL: " + res.Compiled
	}
	res.Next = "see the rows: floe transform show --select " + n.Name
	if owner != nil {
		res.Next = "see what was refused: floe transform show --select " + owner.Name
	}
	sample, err := r.sample(ctx, res.SQL)
	if err != nil || len(sample.Rows) == 0 {
		return
	}
	res.Sample = sample
	file, err := r.out.failures(n, sample)
	if err == nil && file != "" {
		res.Next = "see the first rows: " + file
		if owner == nil {
			res.Next += ", all of them: floe transform show --limit -1 --select " + n.Name
		}
	}
}

func (r *runner) sample(ctx context.Context, sql string) (*Sample, error) {
	rows, err := r.o.Engine.Query(ctx, compiler.WithLimit(compiler.Statement(sql), sampleRows))
	if err != nil {
		return nil, err
	}
	rows = firstRows(rows, sampleRows)
	s := &Sample{}
	for _, c := range rows.Columns {
		s.Columns = append(s.Columns, c.Name)
	}
	for rows.Next() {
		s.Rows = append(s.Rows, slices.Clone(rows.Values()))
	}
	return s, errors.Join(rows.Err(), rows.Close())
}

// judge is dbt's: severity error looks at error_if first, then at warn_if.
func judge(n *manifest.Node, c counts, res *Result) {
	res.Failures = c.failures
	rows := "rows"
	if c.failures == 1 {
		rows = "row"
	}
	switch {
	case n.Config.Severity == "ERROR" && c.fail:
		res.Status = StatusFail
		res.Message = fmt.Sprintf("%d %s, configured to fail if %s", c.failures, rows, n.Config.ErrorIf)
	case c.warn:
		res.Status = StatusWarn
		res.Message = fmt.Sprintf("%d %s, configured to warn if %s", c.failures, rows, n.Config.WarnIf)
	default:
		res.Status = StatusPass
	}
}

func (r *runner) count(ctx context.Context, n *manifest.Node, res *Result) (counts, error) {
	sql, err := r.sql(ctx, n, res)
	if err != nil {
		return counts{}, err
	}
	query, err := r.s.Test(ctx, n, sql)
	if err != nil {
		return counts{}, err
	}
	rows, err := r.o.Engine.Query(ctx, query)
	if err != nil {
		return counts{}, fmt.Errorf("test %s (%s): %w", n.Name, n.Path, err)
	}
	var c counts
	seen := false
	for rows.Next() {
		if seen {
			return counts{}, errors.Join(fmt.Errorf("test %s answers more than one row of counts", n.Name), rows.Close())
		}
		seen = true
		if c, err = readCounts(rows.Values()); err != nil {
			return counts{}, errors.Join(fmt.Errorf("test %s: %w", n.Name, err), rows.Close())
		}
	}
	if err := rows.Err(); err != nil {
		return counts{}, fmt.Errorf("test %s (%s): %w", n.Name, n.Path, err)
	}
	if !seen {
		return counts{}, fmt.Errorf("test %s answers no row: fail_calc %q must give one number", n.Name, n.Config.FailCalc)
	}
	return c, nil
}

// readCounts reads failures, should_warn, should_error; engines answer in their
// own types.
func readCounts(v []any) (counts, error) {
	if len(v) != 3 {
		return counts{}, fmt.Errorf("it answers %d columns; failures, should_warn and should_error are needed", len(v))
	}
	n, err := whole(v[0])
	return counts{failures: n, warn: truth(v[1]), fail: truth(v[2])}, err
}

func whole(v any) (int64, error) {
	switch x := v.(type) {
	case nil:
		return 0, nil
	case int64:
		return x, nil
	case *big.Int:
		if x.IsInt64() {
			return x.Int64(), nil
		}
	case float64:
		return int64(x), nil
	case Decimal:
		return whole(string(x))
	case string:
		f, err := strconv.ParseFloat(x, 64)
		if err == nil {
			return int64(f), nil
		}
	}
	return 0, fmt.Errorf("fail_calc gives %v; a number is needed", v)
}

func truth(v any) bool {
	switch x := v.(type) {
	case bool:
		return x
	case int64:
		return x != 0
	case string:
		return strings.EqualFold(x, "true")
	}
	return false
}
