package lake

import (
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/governance"
	"github.com/floe-data/floe/runtime/live"
)

func column(name string) map[string]any { return map[string]any{"Name": name, "Type": "string"} }

// A model's table holds what it was built of until it is built anew: a deploy
// that declares its columns less sensitive changes nothing of that.
func TestLessSensitiveAfterTheNextBuild(t *testing.T) {
	s := newStack(t, live.Grant{Principal: analyst, Tables: []string{"marts.customers"}, Sensitivity: live.DefaultSensitivity})
	customers := &s.options.Tables[1]
	customers.Model = true
	held := func(want string, pending int) {
		t.Helper()
		sum := s.governs()
		var got []string
		for _, line := range strings.Split(s.told(), "\n") {
			if rest, ok := strings.CutPrefix(line, "marts.customers."); ok {
				got = append(got, strings.Replace(rest, " sensitivity=", "=", 1))
			} else if rest, ok := strings.CutPrefix(line, "analyst SELECT marts.customers "); ok {
				got = append(got, "reads "+rest)
			}
		}
		if strings.Join(got, " ") != want || len(sum.Pending) != pending {
			t.Errorf("got %q, pending %q, want %q and %d pending", got, sum.Pending, want, pending)
		}
		s.still()
	}
	held("", 3) // whoever built it, it was not under this classification
	s.built(*customers, column("id"), column("name"), column("country"))
	held("country=public id=public name=personal reads country,id", 0)
	customers.Columns = nil // "name" is public, as the table is: the model leaves it out
	held("country=public id=public name=personal reads country,id", 1)
	customers.Columns = []governance.Column{{Name: "country", Sensitivity: "confidential"}}
	held("country=confidential id=public name=personal reads id", 1)
	s.built(*customers, column("id"), column("country"), column("name"))
	held("country=confidential id=public name=public reads id,name", 0)
}

// A column that the table has no longer is found by who travels in time.
func TestFormerColumns(t *testing.T) {
	s := newStack(t, live.Grant{Principal: analyst, Tables: []string{"marts.customers"}, Sensitivity: governance.Sensitivities()})
	customers := &s.options.Tables[1]
	customers.Model = true
	former := column("phone")
	former["Parameters"] = map[string]string{isCurrent: "false"}
	s.built(*customers, column("id"), former)
	if sum := s.governs(); len(sum.Pending) > 0 {
		t.Errorf("%+v", sum)
	}
	if got := s.told(); !strings.Contains(got, "analyst SELECT marts.customers id\n") && !strings.HasSuffix(got, "analyst SELECT marts.customers id") || strings.Contains(got, "phone") {
		t.Error(got)
	}
	s.still()
}

// A view that a model makes a table of keeps its own tag and grants when it is
// built: nobody reads it from the deploy until then.
func TestAViewThatBecomesATable(t *testing.T) {
	s := newStack(t, live.Grant{Principal: analyst, Tables: []string{"marts.revenue"}, Sensitivity: []string{"public", "confidential"}})
	revenue := &s.options.Tables[2]
	revenue.Model, revenue.View = true, true
	s.governs()
	if got := s.told(); !strings.Contains(got, "marts.revenue sensitivity=confidential") || !strings.Contains(got, "analyst SELECT marts.revenue *") {
		t.Error(got)
	}
	revenue.View = false
	if sum := s.governs(); len(sum.Pending) != 1 || strings.Contains(s.told(), "marts.revenue") {
		t.Errorf("%+v\n%s", sum, s.told())
	}
	s.built(*revenue, column("country"), column("total"))
	s.governs()
	if got := s.told(); !strings.Contains(got, "marts.revenue.total sensitivity=confidential") || !strings.Contains(got, "analyst SELECT marts.revenue country,total") {
		t.Error(got)
	}
}
