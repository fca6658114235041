package cost

import (
	"cmp"
	"errors"
	"slices"
)

// Item is one line of an estimate.
type Item struct {
	Component string   `json:"component"` // what people know it as: interface endpoints
	Of        []string `json:"of"`        // the resources that it is about
	Price     string   `json:"price"`     // its name in prices.yaml
	Quantity  float64  `json:"quantity"`
	Unit      string   `json:"unit"`
	Each      float64  `json:"each_usd"`
	USD       float64  `json:"usd"`
}

// meter adds items up. Its first error is kept: a price that is missing is a
// mistake in this package.
type meter struct {
	book     *Book
	region   string
	items    []Item
	used     map[string]bool // assumptions
	foreign  bool            // a price was not the region's own
	problems []error
}

func newMeter(b *Book, region string) *meter {
	return &meter{book: b, region: region, used: map[string]bool{}}
}

// add puts quantity units of a price to a component.
func (m *meter) add(component, of, price string, quantity float64) {
	each, own, err := m.book.In(m.region, price)
	if err != nil {
		m.problems = append(m.problems, err)
		return
	}
	m.foreign = m.foreign || !own
	i := slices.IndexFunc(m.items, func(i Item) bool { return i.Component == component && i.Price == price })
	if i < 0 {
		i = len(m.items)
		m.items = append(m.items, Item{Component: component, Price: price, Unit: m.book.Prices[price].Per, Each: each})
	}
	item := &m.items[i]
	if !slices.Contains(item.Of, of) {
		item.Of = append(item.Of, of)
	}
	item.Quantity += quantity
	item.USD = item.Quantity * each
}

// assume is an assumption's value, which the estimate then names.
func (m *meter) assume(name string) float64 {
	value, err := m.book.assumed(name)
	if err != nil {
		m.problems = append(m.problems, err)
	}
	m.used[name] = true
	return value
}

// done are the items, the dearest component first, and what was wrong.
func (m *meter) done() ([]Item, error) {
	total := map[string]float64{}
	for _, i := range m.items {
		total[i.Component] += i.USD
	}
	slices.SortStableFunc(m.items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(total[b.Component], total[a.Component]), cmp.Compare(a.Component, b.Component), cmp.Compare(b.USD, a.USD))
	})
	return m.items, errors.Join(m.problems...)
}

func sum(items []Item) (usd float64) {
	for _, i := range items {
		usd += i.USD
	}
	return usd
}
