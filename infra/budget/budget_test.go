package budget

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/runtime/live"
)

func planned(t *testing.T, stack string, change func(*site.Site)) []plan.Resource {
	t.Helper()
	s := sitetest.Load(t, stack, change)
	all := sitetest.Plan(t, s, func(ctx *pulumi.Context) error {
		o, err := operations.New(ctx, s, operations.Args{})
		if err != nil {
			return err
		}
		_, err = New(ctx, s, Args{Operations: o})
		return err
	})
	return slices.DeleteFunc(all, func(r plan.Resource) bool {
		return !strings.HasPrefix(r.Type, "aws:budgets/") && !strings.HasPrefix(r.Type, "aws:costexplorer/") && r.Type != "aws:sns/topicPolicy:TopicPolicy" && r.Type != "aws:kms/key:Key"
	})
}

func find(t *testing.T, all []plan.Resource, kind string) plan.Resource {
	t.Helper()
	i := slices.IndexFunc(all, func(r plan.Resource) bool { return strings.HasSuffix(r.Type, ":"+kind) })
	if i < 0 {
		t.Fatalf("there is no %s", kind)
	}
	return all[i]
}

func TestNoBudget(t *testing.T) {
	for _, r := range planned(t, "dev", func(s *site.Site) { s.Live.Platform.Budget = nil }) {
		if strings.HasPrefix(r.Type, "aws:budgets/") {
			t.Errorf("there is %s %s", r.Type, r.Name)
		}
		if text, ok := r.Inputs["policy"].(string); ok && strings.Contains(text, "budgets.amazonaws.com") {
			t.Errorf("%s %s lets budgets in, which nothing uses", r.Type, r.Name)
		}
	}
}

func TestBudget(t *testing.T) {
	all := planned(t, "prod", nil)
	in := find(t, all, "Budget").Inputs
	filters, err := json.Marshal(in["costFilters"])
	if err != nil || string(filters) != `[{"name":"TagKeyValue","values":["user:floe:stack$prod"]}]` {
		t.Errorf("filters %s %v", filters, err)
	}
	if in["limitAmount"] != "200" || in["limitUnit"] != "USD" || in["timeUnit"] != "MONTHLY" || in["budgetType"] != "COST" || in["name"] != "floe-prod-month" {
		t.Errorf("%v", in)
	}
	notifications, _ := in["notifications"].([]any)
	if len(notifications) != 2 {
		t.Fatalf("%v", notifications)
	}
	for i, want := range []map[string]any{{"notificationType": "ACTUAL", "threshold": 80.0}, {"notificationType": "FORECASTED", "threshold": 100.0}} {
		n, _ := notifications[i].(map[string]any)
		topics, _ := n["subscriberSnsTopicArns"].([]any)
		mails, _ := n["subscriberEmailAddresses"].([]any)
		if n["notificationType"] != want["notificationType"] || n["threshold"] != want["threshold"] || len(topics) != 1 || len(mails) != 1 || mails[0] != "data@example.org" {
			t.Errorf("%v", n)
		}
	}
	for _, r := range all {
		if strings.HasPrefix(r.Type, "aws:costexplorer/") {
			t.Errorf("there is a %s, which nobody asked for", r.Type)
		}
	}
}

// TestWhoMayTellTheTopic: the topic's policy and its key's must both let the
// services in that the stack uses, and for this account only.
func TestWhoMayTellTheTopic(t *testing.T) {
	all := planned(t, "prod", anomalous)
	for _, kind := range []string{"TopicPolicy", "Key"} {
		text, _ := find(t, all, kind).Inputs["policy"].(string)
		var document struct {
			Statement []struct {
				Effect    string
				Principal json.RawMessage
				Condition map[string]map[string]any
			}
		}
		if err := json.Unmarshal([]byte(text), &document); err != nil {
			t.Fatal(err)
		}
		for _, service := range []string{"budgets.amazonaws.com", "costalerts.amazonaws.com"} {
			found := false
			for _, s := range document.Statement {
				if s.Effect == "Allow" && strings.Contains(string(s.Principal), service) {
					found = s.Condition["StringEquals"]["aws:SourceAccount"] != nil
				}
			}
			if !found {
				t.Errorf("the %s's policy does not let %s in for this account:\n%s", kind, service, text)
			}
		}
	}
}

func anomalous(s *site.Site) { s.Live.Platform.Budget = &live.Budget{MonthlyUSD: 200, Anomalies: true} }

func TestAnomalies(t *testing.T) {
	all := planned(t, "prod", anomalous)
	monitor, subscription := find(t, all, "AnomalyMonitor"), find(t, all, "AnomalySubscription")
	if monitor.Inputs["monitorType"] != "CUSTOM" ||
		monitor.Inputs["monitorSpecification"] != `{"And":null,"CostCategories":null,"Dimensions":null,"Not":null,"Or":null,"Tags":{"Key":"floe:stack","MatchOptions":null,"Values":["prod"]}}` {
		t.Errorf("%v", monitor.Inputs)
	}
	text, err := json.Marshal(subscription.Inputs)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"frequency":"IMMEDIATE"`, `"type":"SNS"`, `"key":"ANOMALY_TOTAL_IMPACT_ABSOLUTE"`, `"values":["20.00"]`, `floe-prod-alarms`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

func TestATopicIsNeeded(t *testing.T) {
	s := sitetest.Load(t, "prod", nil)
	if _, err := sitetest.Try(s, func(ctx *pulumi.Context) error { _, err := New(ctx, s, Args{}); return err }); err == nil || !strings.Contains(err.Error(), "Operations is missing") {
		t.Error(err)
	}
}
