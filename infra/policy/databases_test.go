package policy_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/floe-data/floe/infra/policy"
)

// addDatabases adds an instance and a cluster as production wants them.
func addDatabases(w *world) {
	forced := func(parameter, value string) map[string]any {
		return map[string]any{"parameters": []any{map[string]any{"name": parameter, "value": value}}}
	}
	database := func(more map[string]any) map[string]any {
		all := map[string]any{"storageEncrypted": true, "iamDatabaseAuthenticationEnabled": true, "copyTagsToSnapshot": true, "deletionProtection": true,
			"backupRetentionPeriod": 7, "enabledCloudwatchLogsExports": []any{"postgresql"}, "port": 6432}
		for key, value := range more {
			all[key] = value
		}
		return all
	}
	w.add("aws:rds/parameterGroup:ParameterGroup", "shop", forced("rds.force_ssl", "1"))
	w.add("aws:rds/instance:Instance", "shop", database(map[string]any{"multiAz": true, "publiclyAccessible": false, "username": "shopkeeper", "parameterGroupName": "shop"}))
	w.add("aws:rds/clusterParameterGroup:ClusterParameterGroup", "shops", forced("require_secure_transport", "ON"))
	w.add("aws:rds/cluster:Cluster", "shops", database(map[string]any{"masterUsername": "shopkeeper", "dbClusterParameterGroupName": "shops"}))
	for _, name := range []string{"shops-1", "shops-2"} {
		w.add("aws:rds/clusterInstance:ClusterInstance", name, map[string]any{"clusterIdentifier": "shops"})
	}
}

// TestWhatIsRight holds that rules are silent about what somebody adds as it
// ought to be.
func TestWhatIsRight(t *testing.T) {
	s, resources := planned(t, rich(t), "prod")
	base := newWorld(t, s, resources)
	for name, add := range map[string]func(*world){
		"databases": addDatabases, "a job": job("timeout", 10), "optimizers": optimizers,
		"a role of GitHub's": func(w *world) {
			w.write("Role evolve", "assumeRolePolicy", `"Principal":{[^}]*}`,
				`"Principal":{"Federated":"x"},"Condition":{"StringEquals":{"t:aud":"sts.amazonaws.com","t:sub":"repo:org/data:environment:prod"}}`)
		},
		"who may not take a role": func(w *world) {
			w.write("Role evolve", "assumeRolePolicy", `"Statement":\[`, `"Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"},`)
		},
		"a secret that is rotated": func(w *world) {
			w.drop("LogMetricFilter secret-partner-age")
			w.add("aws:secretsmanager/secretRotation:SecretRotation", "partner", map[string]any{"secretId": w.at("Secret partner").ID, "rotationRules": map[string]any{"automaticallyAfterDays": 30}})
		},
		"a network's log in a group": func(w *world) {
			w.set("FlowLog flow", "logDestinationType", "cloud-watch-logs")
			w.set("FlowLog flow", "logDestination", w.at("LogGroup evolve").ARN+":*")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := base.copy(t)
			add(w)
			if left := w.findings(); len(left) > 0 {
				t.Error(policy.Error("prod", left))
			}
		})
	}
}

// databaseMutations break a good database, one property each.
var databaseMutations = slices.Concat(
	badDatabases("Instance shop", map[string][]any{"multiAz": {false, nil}, "publiclyAccessible": {true}, "autoMinorVersionUpgrade": {false}, "username": {"postgres", "admin"}, "parameterGroupName": {nil, "default.postgres17"}}),
	badDatabases("Cluster shops", map[string][]any{"masterUsername": {"admin"}, "dbClusterParameterGroupName": {nil, "default.aurora-mysql8.0", "shop"}}),
	badDatabases("ClusterInstance shops-1", map[string][]any{"publiclyAccessible": {true}, "autoMinorVersionUpgrade": {false}, "clusterIdentifier": {"another"}}),
	badDatabases("Instance shop", everyDatabase), badDatabases("Cluster shops", everyDatabase),
	badDatabases("ParameterGroup shop", map[string][]any{"parameters.0.value": {"0"}, "parameters.0.name": {"log_connections"}}),
	badDatabases("ClusterParameterGroup shops", map[string][]any{"parameters": {nil}, "parameters.0.value": {"OFF"}}),
)

// everyDatabase are wrong values of what instances and clusters have both.
var everyDatabase = map[string][]any{
	"storageEncrypted": {false, nil}, "iamDatabaseAuthenticationEnabled": {false}, "copyTagsToSnapshot": {nil}, "deletionProtection": {false},
	"backupRetentionPeriod": {0, 6}, "enabledCloudwatchLogsExports": {[]any{}, nil}, "port": {nil, 5432, 3306},
}

func badDatabases(what string, bad map[string][]any) []mutation {
	var all []mutation
	for property, values := range bad {
		for _, v := range values {
			all = append(all, mutation{row: 103, name: fmt.Sprint(what, " ", property, " ", v), breaks: func(w *world) {
				addDatabases(w)
				w.set(what, property, v)
			}})
		}
	}
	return all
}
