package cost

import (
	_ "embed" // prices.yaml
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/floe-data/floe/runtime/fault"
)

//go:embed prices.yaml
var prices []byte

// Book is prices.yaml.
type Book struct {
	Version    int     `yaml:"version"`
	Read       string  `yaml:"read"` // the day: 2026-11-21
	MonthHours float64 `yaml:"month_hours"`
	Elsewhere  struct {
		Factor float64 `yaml:"factor"`
		Why    string  `yaml:"why"`
	} `yaml:"elsewhere"`
	Prices      map[string]Price      `yaml:"prices"`
	Assumptions map[string]Assumption `yaml:"assumptions"`
}

// Price is what one unit costs.
type Price struct {
	USD        float64 `yaml:"usd"`
	Per        string  `yaml:"per"` // the unit
	Everywhere bool    `yaml:"everywhere"`
	Source     string  `yaml:"source"`
	Date       string  `yaml:"date"` // a day, or undated
	// Regions are those whose price has a source of its own.
	Regions map[string]Regional `yaml:"regions"`
}

// Regional is a price in one region.
type Regional struct {
	USD    float64 `yaml:"usd"`
	Source string  `yaml:"source"`
	Date   string  `yaml:"date"`
}

// Assumption is what a plan does not tell.
type Assumption struct {
	Value float64 `yaml:"value" json:"value"`
	Why   string  `yaml:"why" json:"why"`
}

// home is the region that prices are known of.
const home = "us-east-1"

// Prices reads prices.yaml. Each of assume is name=value, and replaces an assumption.
func Prices(assume ...string) (*Book, error) {
	b := &Book{}
	if err := yaml.UnmarshalWithOptions(prices, b, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("infra/cost/prices.yaml: %w", err)
	}
	for _, text := range assume {
		name, value, _ := strings.Cut(text, "=")
		number, err := strconv.ParseFloat(value, 64)
		a, known := b.Assumptions[name]
		switch {
		case !known:
			return nil, fault.New(fault.Usage, fmt.Errorf("assume: found %q; known are %s", name, strings.Join(slices.Sorted(maps.Keys(b.Assumptions)), ", ")), "name one of them: load_seconds=600")
		case err != nil || number < 0:
			return nil, fault.New(fault.Usage, fmt.Errorf("assume: found %s of %s; a number from 0 upwards is right", value, name), "write it as "+name+"=600")
		}
		a.Value = number
		b.Assumptions[name] = a
	}
	return b, nil
}

// In is a price in a region, and whether it is that region's own.
func (b *Book) In(region, name string) (usd float64, own bool, err error) {
	p, ok := b.Prices[name]
	if !ok {
		return 0, false, fmt.Errorf("infra/cost/prices.yaml has no price %s", name)
	}
	if r, ok := p.Regions[region]; ok {
		return r.USD, true, nil
	}
	if p.Everywhere || region == home {
		return p.USD, true, nil
	}
	return p.USD * b.Elsewhere.Factor, false, nil
}

// assumed is an assumption's value.
func (b *Book) assumed(name string) (float64, error) {
	a, ok := b.Assumptions[name]
	if !ok {
		return 0, errors.New("infra/cost/prices.yaml has no assumption " + name)
	}
	return a.Value, nil
}
