package transformation

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/internal/sitetest"
)

// TestSparkIsOff: who may start a session sees whole tables, so nobody may
// unless live/ says so.
func TestSparkIsOff(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		for _, r := range planned(t, sitetest.Load(t, stack, nil), nil) {
			if r.Name == "spark" || strings.HasPrefix(r.Name, "spark-") {
				t.Errorf("%s: %s %s is planned", stack, r.Type, r.Name)
			}
		}
	}
}

// TestSparkChangesNothing holds that a session reads tables, and writes its own
// results only.
func TestSparkChangesNothing(t *testing.T) {
	found := map[string]bool{}
	for _, r := range planned(t, sitetest.Load(t, "prod", withSpark), nil) {
		if r.Name != "spark" && !strings.HasPrefix(r.Name, "spark-") {
			continue
		}
		found[r.Type] = true
		text, _ := json.Marshal(r.Inputs)
		switch r.Type {
		case "aws:iam/rolePolicy:RolePolicy":
			var policy struct {
				Statement []struct {
					Sid              string
					Action, Resource []string
				}
			}
			if err := json.Unmarshal([]byte(r.Inputs["policy"].(string)), &policy); err != nil {
				t.Fatal(err)
			}
			for _, s := range policy.Statement {
				for _, action := range s.Action {
					writes := strings.Contains(action, "Put") || strings.Contains(action, "Delete") || strings.Contains(action, "Create") || strings.Contains(action, "Update")
					if writes && (strings.HasPrefix(action, "s3:") && s.Sid != "Results" || strings.HasPrefix(action, "glue:")) {
						t.Errorf("%s allows %s on %v", s.Sid, action, s.Resource)
					}
				}
			}
		case "aws:lakeformation/permissions:Permissions":
			for _, verb := range []string{"ALTER", "CREATE_TABLE", "DELETE", "DROP", "INSERT", "ALL", "DATA_LOCATION_ACCESS"} {
				if strings.Contains(string(text), `"`+verb+`"`) {
					t.Errorf("%s grants %s", r.Name, verb)
				}
			}
		case "aws:athena/workgroup:Workgroup":
			configuration := r.Inputs["configuration"].(map[string]any)
			if configuration["executionRole"] == nil || configuration["bytesScannedCutoffPerQuery"] != nil || !strings.Contains(string(text), "PySpark engine version 3") ||
				configuration["publishCloudwatchMetricsEnabled"] != true || configuration["enforceWorkgroupConfiguration"] != true {
				t.Errorf("workgroup %s", text)
			}
		}
	}
	for _, token := range []string{"aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:athena/workgroup:Workgroup", "aws:lakeformation/permissions:Permissions"} {
		if !found[token] {
			t.Errorf("no %s is planned", token)
		}
	}
}
