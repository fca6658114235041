package cost

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/floe-data/floe/infra/plan"
)

// Args say what is estimated.
type Args struct {
	Stack  string
	Region string
	// Models is how many models and seeds a run builds.
	Models int
	// Book is Prices' where it is nil.
	Book *Book
}

// Estimate is what a stack costs.
type Estimate struct {
	Stack    string  `json:"stack"`
	Region   string  `json:"region"`
	Read     string  `json:"prices_of"` // the day
	Idle     []Item  `json:"idle"`
	IdleUSD  float64 `json:"idle_usd"` // a month
	Runs     []Run   `json:"runs"`
	RunsUSD  float64 `json:"runs_usd"`  // a month, by the schedules
	MonthUSD float64 `json:"month_usd"` // idle and runs, in the first year
	// RotationUSD is what a rotation of all keys adds to each month after it:
	// the first, by default after a year, and the second. Later ones add nothing.
	RotationUSD float64               `json:"rotation_usd"`
	Assumptions map[string]Assumption `json:"assumptions"`
	Notes       []string              `json:"notes"`
	// Unknown are types of resources that nobody has said the cost of.
	Unknown []string `json:"unknown,omitempty"`
}

// New estimates what the resources cost.
func New(resources []plan.Resource, a Args) (*Estimate, error) {
	if a.Book == nil {
		book, err := Prices()
		if err != nil {
			return nil, err
		}
		a.Book = book
	}
	e := &Estimate{Stack: a.Stack, Region: a.Region, Read: a.Book.Read, Assumptions: map[string]Assumption{}}
	standing, rotating := newMeter(a.Book, a.Region), newMeter(a.Book, a.Region)
	for _, r := range resources {
		if price, ok := idle[r.Type]; ok {
			price(standing, r)
		}
		rotated(rotating, r)
		e.look(r)
	}
	var err error
	e.Idle, err = standing.done()
	e.IdleUSD = sum(e.Idle)
	rotations, failed := rotating.done()
	err = errors.Join(err, failed)
	e.RotationUSD = sum(rotations)
	foreign := standing.foreign
	e.take(a.Book, standing)
	machinery := gather(resources, a.Models)
	for _, machine := range machinery.machines {
		running := newMeter(a.Book, a.Region)
		run, failed := machinery.run(running, machine)
		if err = errors.Join(err, failed); failed != nil {
			continue
		}
		e.take(a.Book, running)
		foreign = foreign || running.foreign
		e.Runs = append(e.Runs, *run)
		e.RunsUSD += run.USD * run.PerMonth
	}
	if err != nil {
		return nil, fmt.Errorf("what stack %s costs: %w", a.Stack, err)
	}
	e.MonthUSD = e.IdleUSD + e.RunsUSD
	e.notes(a, foreign)
	return e, nil
}

// look notes what is not in the figures.
func (e *Estimate) look(r plan.Resource) {
	if !Reviewed(r.Type) && !slices.Contains(e.Unknown, r.Type) {
		e.Unknown = append(e.Unknown, r.Type)
	}
	if why := unpriced[r.Type]; why != "" && !slices.Contains(e.Notes, why) {
		e.Notes = append(e.Notes, why)
	}
}

// take names the assumptions that were made.
func (e *Estimate) take(b *Book, m *meter) {
	for name := range m.used {
		e.Assumptions[name] = b.Assumptions[name]
	}
}

func (e *Estimate) notes(a Args, foreign bool) {
	if foreign {
		e.Notes = append(e.Notes, fmt.Sprintf("prices of %s that have no source are %s's times %g: %s", a.Region, home, a.Book.Elsewhere.Factor, a.Book.Elsewhere.Why))
	}
	if e.RotationUSD > 0 {
		e.Notes = append(e.Notes, fmt.Sprintf("keys are rotated a year after they are made, and yearly: the first and the second rotation each add $%s a month; idle and the ceiling are of the first year", cents(e.RotationUSD)))
	}
	e.Notes = append(e.Notes, "no free tier is taken off, no tax added; queries of people and transfers to the internet are not known, and not in it")
	for _, r := range e.Runs {
		switch {
		case r.Schedule == "":
			e.Notes = append(e.Notes, fmt.Sprintf("workflow %s has no schedule: its runs are not in the month", r.Workflow))
		case !r.On:
			e.Notes = append(e.Notes, fmt.Sprintf("workflow %s: its schedule %s is off in this stack: its runs are not in the month", r.Workflow, r.Schedule))
		}
	}
}

// Share is what a component costs a month.
type Share struct {
	Component string
	USD       float64
}

// Largest are the n components that cost most in a month, runs among them.
func (e *Estimate) Largest(n int) []Share {
	var all []Share
	put := func(component string, usd float64) {
		i := slices.IndexFunc(all, func(s Share) bool { return s.Component == component })
		if i < 0 {
			all = append(all, Share{component, usd})
			return
		}
		all[i].USD += usd
	}
	for _, i := range e.Idle {
		put(i.Component, i.USD)
	}
	for _, r := range e.Runs {
		put("runs of "+r.Workflow, r.USD*r.PerMonth)
	}
	slices.SortStableFunc(all, func(a, b Share) int { return cmp.Compare(b.USD, a.USD) })
	return all[:min(n, len(all))]
}
