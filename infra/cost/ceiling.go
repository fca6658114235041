package cost

import (
	"fmt"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/live"
)

// Check refuses what would cost more a month than the stack's platform.yaml
// allows; 0 allows anything.
func (e *Estimate) Check(ceiling float64) error {
	if ceiling <= 0 || e.MonthUSD <= ceiling {
		return nil
	}
	largest := make([]string, 0, 3)
	for _, s := range e.Largest(3) {
		largest = append(largest, fmt.Sprintf("%s $%s", s.Component, cents(s.USD)))
	}
	file := "live/" + live.Folder(e.Stack) + "/platform.yaml"
	return fault.New(fault.Usage,
		fmt.Errorf("%s: budget.monthly_usd: found $%s, and this plan would cost $%s a month (prices of %s), most of it for %s",
			file, cents(ceiling), cents(e.MonthUSD), e.Read, strings.Join(largest, ", ")),
		fmt.Sprintf("make cost STACK=%s shows each item; make it cheaper, or raise budget.monthly_usd in %s", e.Stack, file))
}
