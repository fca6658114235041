package platform

import (
	"github.com/floe-data/floe/infra/cost"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// Cost estimates what a stack costs; book is cost.Prices' where it is nil.
func Cost(root, stack string, book *cost.Book) (*cost.Estimate, error) {
	p, err := project.Load(root)
	if err != nil {
		return nil, err
	}
	l, err := live.Load(p, stack)
	if err != nil {
		return nil, err
	}
	s := newSite(p.Name, p, l)
	resources, err := aside(s, root)
	if err != nil {
		return nil, err
	}
	return estimate(s, resources, book)
}

func estimate(s *site.Site, resources []plan.Resource, book *cost.Book) (*cost.Estimate, error) {
	return cost.New(resources, cost.Args{Stack: s.Stack, Region: s.Region, Models: len(s.Pipelines.Models), Book: book})
}

// ceiling refuses what would cost more than live/ allows.
func ceiling(s *site.Site, resources []plan.Resource) error {
	budget := s.Live.Platform.Budget
	if budget == nil {
		return nil
	}
	e, err := estimate(s, resources, nil)
	if err != nil {
		return err
	}
	return e.Check(budget.MonthlyUSD)
}
