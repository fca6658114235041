package preflight

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// soon is how many days before its end a waiver is told.
const soon = 30

// waivers finds those that are over, which a deployment refuses, or soon will be.
func waivers(_ context.Context, a *account) []Finding {
	const what = "waivers"
	file := "live/" + a.Stack.Name + "/waivers.yaml"
	var found []Finding
	for _, w := range a.Stack.Waivers.Waivers {
		name := fmt.Sprintf("rule %s for %s", w.Rule, w.Resource)
		switch left := days(a.Now, w.Expires()); {
		case !a.Now.Before(w.Expires()):
			found = append(found, bad(what, fmt.Sprintf("ask %s: meet the rule and take it out of %s, or give it another until", w.Owner, file), "%s was good until %s", name, w.Until))
		case left < soon:
			found = append(found, warn(what, fmt.Sprintf("ask %s before then: a deployment is refused from the next day on", w.Owner), "%s is good until %s only", name, w.Until))
		}
	}
	if len(found) == 0 {
		found = append(found, ok(what, "%s", held(len(a.Stack.Waivers.Waivers), a.Now)))
	}
	return found
}

func held(n int, now time.Time) string {
	if n == 0 {
		return "there are none"
	}
	return fmt.Sprintf("%d hold beyond %s", n, now.AddDate(0, 0, soon).Format(time.DateOnly))
}

// promises are what somebody should have said before people rely on the stack.
func promises(_ context.Context, a *account) []Finding {
	p, file := a.Stack.Platform, "live/"+a.Stack.Name+"/platform.yaml"
	var have []string
	var found []Finding
	say := func(set bool, what, has, next, without string) {
		if set {
			have = append(have, has)
			return
		}
		found = append(found, warn(what, "write "+next+" in "+file, "%s", without))
	}
	budget, mail, objectives := "", "", ""
	if p.Budget != nil {
		budget = fmt.Sprintf("budget of $%g a month", p.Budget.MonthlyUSD)
	}
	if p.Alarms != nil {
		mail = "alarms to " + p.Alarms.Email
	}
	if p.Objectives != nil {
		objectives = "RTO " + p.Objectives.RTO + ", RPO " + p.Objectives.RPO
	}
	say(mail != "", "alarms", mail, "alarms: {email: …}", "nobody hears of failures")
	say(budget != "", "budget", budget, "budget: {monthly_usd: …}", "no ceiling: nothing is refused for its cost, and AWS tells nobody of the bill")
	say(objectives != "", "objectives", objectives, "objectives: {rto: 4h, rpo: 24h}", "nobody said how much may be lost, and how long it may take")
	if len(have) > 0 {
		found = append([]Finding{ok("platform", "%s", strings.Join(have, "; "))}, found...)
	}
	return found
}
