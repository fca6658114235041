package cost

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
)

// Change is what a component costs before and after.
type Change struct {
	Component string  `json:"component"`
	Old       float64 `json:"old_usd"`
	New       float64 `json:"new_usd"`
}

// Difference is what a change adds or takes.
type Difference struct {
	Stack string   `json:"stack"`
	Idle  []Change `json:"idle"` // a month
	Runs  []Change `json:"runs"` // one run of a workflow
	Month Change   `json:"month"`
}

// least is what is not told: a difference of rounding.
const least = 1e-9

// Compare tells what differs between two estimates of a stack.
func Compare(before, after *Estimate) Difference {
	d := Difference{Stack: after.Stack, Month: Change{Component: "a month in all", Old: before.MonthUSD, New: after.MonthUSD}}
	d.Idle = changes(byComponent(before.Idle), byComponent(after.Idle))
	d.Runs = changes(byWorkflow(before.Runs), byWorkflow(after.Runs))
	return d
}

func byComponent(items []Item) map[string]float64 {
	all := map[string]float64{}
	for _, i := range items {
		all[i.Component] += i.USD
	}
	return all
}

func byWorkflow(runs []Run) map[string]float64 {
	all := map[string]float64{}
	for _, r := range runs {
		all["a run of "+r.Workflow] = r.USD
	}
	return all
}

func changes(before, after map[string]float64) []Change {
	names := map[string]bool{}
	for _, all := range []map[string]float64{before, after} {
		for name := range all {
			names[name] = true
		}
	}
	out := []Change{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if c := (Change{name, before[name], after[name]}); c.changed() {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Change) int {
		return cmp.Compare(math.Abs(b.New-b.Old), math.Abs(a.New-a.Old))
	})
	return out
}

func (c Change) changed() bool { return math.Abs(c.New-c.Old) > least }

// None says that nothing changes.
func (d Difference) None() bool { return len(d.Idle)+len(d.Runs) == 0 && !d.Month.changed() }

// Write shows a difference to people.
func (d Difference) Write(to io.Writer) error {
	p := &page{to: to}
	if d.None() {
		p.line("stack %s: the cost does not change, %s a month", d.Stack, cents(d.Month.New))
		return p.err
	}
	t := table{{"stack " + d.Stack + ", USD", "before", "after", "difference"}}
	for _, c := range d.Idle {
		t = append(t, c.row(cents))
	}
	for _, c := range d.Runs {
		t = append(t, c.row(fine))
	}
	p.table(append(t, d.Month.row(cents)))
	return p.err
}

func (c Change) row(money func(float64) string) []string {
	sign := ""
	if c.New > c.Old {
		sign = "+"
	}
	return []string{c.Component, money(c.Old), money(c.New), sign + money(c.New-c.Old)}
}

// Decode reads an estimate that was written as JSON.
func Decode(text []byte) (*Estimate, error) {
	e := &Estimate{}
	if err := json.Unmarshal(text, e); err != nil {
		return nil, fmt.Errorf("it is no estimate of make cost OUTPUT=json: %w", err)
	}
	return e, nil
}
