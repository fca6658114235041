package workflows

import (
	"fmt"
	"slices"
	"strings"
)

// nightly holds that each night asks of each stack whether it is as it was
// deployed, and that an issue says what came of it, be it that nobody knows.
func (r *Repository) nightly() []string {
	var found, compared []string
	for _, f := range r.Files {
		if !everyNight(f.On) {
			continue
		}
		for _, name := range sorted(f.Jobs) {
			for _, v := range f.Jobs[name].variants() {
				stack, wrong := f.compares(name, v)
				compared = append(compared, stack)
				for _, text := range wrong {
					found = append(found, f.Name+": job "+name+" "+text)
				}
			}
		}
	}
	for _, stack := range r.Stacks {
		if !slices.Contains(compared, stack) {
			found = append(found, fmt.Sprintf("live/%s: no night asks whether the stack is as it was deployed; write make drift and make drift-issue of STACK=%s in a workflow with a schedule", stack, stack))
		}
	}
	return found
}

// everyNight says whether a workflow has a schedule that leaves no day out.
func everyNight(events any) bool {
	m, _ := events.(map[string]any)
	schedule, _ := m["schedule"].([]any)
	return slices.ContainsFunc(schedule, func(item any) bool {
		entry, _ := item.(map[string]any)
		cron, _ := entry["cron"].(string)
		fields := strings.Fields(cron)
		return len(fields) == 5 && strings.Join(fields[2:], " ") == "* * *"
	})
}

// compares is the stack that a job asks about, "" if it asks about none, and
// what would keep quiet how that ended.
func (f File) compares(name string, v variant) (stack string, wrong []string) {
	j := f.Jobs[name]
	at := slices.IndexFunc(j.Steps, func(s step) bool { return goalOf(s) == "drift" })
	if at < 0 {
		return "", nil
	}
	asks := j.Steps[at]
	stack = f.value(j, asks, v, "STACK")
	out := f.value(j, asks, v, "OUT")
	if j.If != "" {
		wrong = append(wrong, "may be left out; take its if away")
	}
	first := slices.IndexFunc(j.Steps, func(s step) bool { return s.action() != "actions/checkout" })
	if begin := j.Steps[first]; goalOf(begin) != "drift-begin" || begin.If != "" || out == "" || f.value(j, begin, v, "OUT") != out {
		wrong = append(wrong, "has nothing to say where a step before make drift fails; write make drift-begin OUT=<the file of make drift> right after the checkout")
	}
	if stack == production && !slices.ContainsFunc(j.Steps[:at], func(s step) bool { return goalOf(s) == "released" }) {
		wrong = append(wrong, "compares "+stack+" with what was not released; write make released before")
	}
	if asks.Timeout == nil {
		wrong = append(wrong, "is cut off without an issue where make drift hangs; write timeout-minutes for that step")
	}
	if !slices.ContainsFunc(j.Steps[at:], func(s step) bool {
		return goalOf(s) == "drift-issue" && f.value(j, s, v, "STACK") == stack && f.value(j, s, v, "FILE") == out && runsAnyway(s.If)
	}) {
		wrong = append(wrong, "opens no issue of "+stack+", or not always; write make drift-issue FILE=<the file of make drift> with if: ${{ !cancelled() && vars.FLOE_ROLE != '' }}")
	}
	if !j.may("issues") {
		wrong = append(wrong, "may write no issues; write issues: write")
	}
	return stack, wrong
}

func goalOf(s step) string {
	goal, _ := s.goal()
	return goal
}

// runsAnyway says whether a step runs after others, however these ended.
func runsAnyway(condition string) bool {
	return (strings.Contains(condition, "!cancelled()") || strings.Contains(condition, "always()")) && !strings.Contains(condition, "steps.")
}
