package cost

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Write shows an estimate to people.
func (e *Estimate) Write(to io.Writer) error {
	p := &page{to: to}
	p.line("stack %s, %s, US dollars before tax, prices of %s\n", e.Stack, e.Region, e.Read)
	p.table(items("idle, a month", e.Idle, e.IdleUSD, cents))
	for _, r := range e.Runs {
		p.table(items("a run of "+r.Workflow, r.Items, r.USD, fine))
	}
	month := table{{"a month", "USD"}, {"idle", cents(e.IdleUSD)}}
	for _, r := range e.Runs {
		month = append(month, []string{number(r.PerMonth) + " runs of " + r.Workflow, cents(r.USD * r.PerMonth)})
	}
	month = append(month, []string{"in all", cents(e.MonthUSD)})
	if e.RotationUSD > 0 {
		month = append(month, []string{"in all, once the keys were rotated", cents(e.MonthUSD + e.RotationUSD)},
			[]string{"in all, once they were rotated twice or more", cents(e.MonthUSD + 2*e.RotationUSD)})
	}
	p.table(month)
	assumed := table{{"taken for granted", "value", "of"}}
	for _, name := range slices.Sorted(maps.Keys(e.Assumptions)) {
		a := e.Assumptions[name]
		assumed = append(assumed, []string{name, number(a.Value), a.Why})
	}
	p.table(assumed)
	for _, note := range e.Notes {
		p.line("note: %s", note)
	}
	for _, kind := range e.Unknown {
		p.line("note: %s is NOT in the figures: nobody has said what it costs (infra/cost/idle.go, free.go)", kind)
	}
	return p.err
}

func items(title string, all []Item, total float64, money func(float64) string) table {
	t := table{{title, "quantity", "USD each", "USD", "unit", "of"}}
	for _, i := range all {
		t = append(t, []string{i.Component, number(i.Quantity), number(i.Each), money(i.USD), i.Unit, names(i.Of)})
	}
	return append(t, []string{"in all", "", "", money(total), "", ""})
}

// table is lines of cells, the first of them the heading.
type table [][]string

// right says that a cell is a figure, or the heading of figures.
func (t table) right(column int) bool {
	switch t[0][column] {
	case "quantity", "value", "before", "after", "difference":
		return true
	}
	return strings.HasPrefix(t[0][column], "USD")
}

func (t table) widths() []int {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// page is what is printed; it remembers what failed first.
type page struct {
	to  io.Writer
	err error
}

func (p *page) line(format string, args ...any) {
	if _, err := fmt.Fprintf(p.to, format+"\n", args...); err != nil && p.err == nil {
		p.err = fmt.Errorf("print the estimate: %w", err)
	}
}

func (p *page) table(t table) {
	widths := t.widths()
	for _, row := range t {
		cells := make([]string, len(row))
		for i, cell := range row {
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if t.right(i) {
				cells[i] = space + cell
			} else {
				cells[i] = cell + space
			}
		}
		p.line("%s", strings.TrimRight(strings.Join(cells, "  "), " "))
	}
	p.line("")
}

// names are the first few, and how many more.
func names(of []string) string {
	const most = 3
	if len(of) <= most {
		return strings.Join(of, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(of[:most], ", "), len(of)-most)
}

// cents are for what is told by the month, fine for what is told by the run.
func cents(usd float64) string { return strconv.FormatFloat(usd, 'f', 2, 64) }
func fine(usd float64) string  { return strconv.FormatFloat(usd, 'f', 6, 64) }

// number has as many digits as tell something, and no exponent.
func number(n float64) string {
	if n >= 1000 {
		return strconv.FormatFloat(n, 'f', 0, 64)
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 4, 64), 64)
	if err != nil {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return strconv.FormatFloat(short, 'f', -1, 64)
}
