package policy

import (
	"fmt"
	"maps"
	"slices"

	"github.com/floe-data/floe/runtime/live"
)

const (
	instanceType        = "rds/instance:Instance"
	clusterDatabaseType = "rds/cluster:Cluster"
	memberType          = "rds/clusterInstance:ClusterInstance"
)

var databaseRules = []Rule{
	{Row: 103, Title: "a database is private, encrypted on disk and on the way, backed up and kept",
		IDs: []string{"RDS.2", "RDS.3", "RDS.5", "RDS.8", "RDS.9", "RDS.10", "RDS.11", "RDS.13", "RDS.17", "RDS.23", "RDS.25", "CKV_AWS_16", "CKV_AWS_17", "CKV_AWS_161", "CKV_AWS_293", "CKV_AWS_133", "CKV_AWS_226", "CKV_AWS_129", "CKV_AWS_157", "CKV2_AWS_60", "CKV2_AWS_69", "F22", "F80", "W75"}, Severity: Offered,
		Fix: "set the database's properties", Check: databases},
}

// databases looks at what floe itself makes none of: instances, clusters and
// their members.
func databases(p *Plan) []Finding {
	kept, production := !p.Stack.Platform.Deletable(), p.Stack.Name == live.Production
	stored := map[string]bool{"storageEncrypted": true, "iamDatabaseAuthenticationEnabled": true, "copyTagsToSnapshot": true, "deletionProtection": kept}
	all := each(p.of(instanceType), func(r resource) []Finding {
		return slices.Concat(r.flags(stored), r.flags(map[string]bool{"multiAz": production}), r.reached(), r.runs("username"),
			p.forcesTLS(r, "parameterGroupName", "rds/parameterGroup:ParameterGroup"))
	})
	all = append(all, each(p.of(memberType), resource.reached)...)
	return append(all, each(p.of(clusterDatabaseType), func(r resource) []Finding {
		found := slices.Concat(r.flags(stored), r.runs("masterUsername"), p.forcesTLS(r, "dbClusterParameterGroupName", "rds/clusterParameterGroup:ClusterParameterGroup"))
		if n := len(p.naming(r, memberType, "clusterIdentifier")); production && n < 2 {
			found = append(found, broken(r, "ClusterInstance", fmt.Sprintf("%d instances", n), "2 or more, which are in different zones"))
		}
		return found
	})...)
}

// flags finds those of some properties that ought to be true and are not.
func (r resource) flags(right map[string]bool) []Finding {
	var all []Finding
	for _, property := range slices.Sorted(maps.Keys(right)) {
		if right[property] && !r.flag(property) {
			all = append(all, broken(r, property, r.get(property), "true"))
		}
	}
	return all
}

// reached finds an instance that is reached from outside, or stays as old as it is.
func (r resource) reached() []Finding {
	var all []Finding
	if r.flag("publiclyAccessible") {
		all = append(all, broken(r, "publiclyAccessible", true, "false"))
	}
	if r.get("autoMinorVersionUpgrade") == false { // AWS's default is true
		all = append(all, broken(r, "autoMinorVersionUpgrade", false, "true"))
	}
	return all
}

// runs finds what is wrong with how a database is run.
func (r resource) runs(user string) []Finding {
	var all []Finding
	if r.number("backupRetentionPeriod") < 7 {
		all = append(all, broken(r, "backupRetentionPeriod", r.get("backupRetentionPeriod"), "7 days or more"))
	}
	if len(r.list("enabledCloudwatchLogsExports")) == 0 {
		all = append(all, broken(r, "enabledCloudwatchLogsExports", "", "the engine's logs"))
	}
	if name := r.text(user); name == "postgres" || name == "admin" {
		all = append(all, broken(r, user, name, "another name than the engine's own"))
	}
	if port := r.number("port"); port == 0 || port == 5432 || port == 3306 {
		all = append(all, broken(r, "port", fmt.Sprint(port), "another port than the engine's own"))
	}
	return all
}

// tls are the parameters that refuse who comes without TLS: PostgreSQL's and
// SQL Server's, MySQL's and MariaDB's.
var tls = []string{"rds.force_ssl", "require_secure_transport"}

// forcesTLS finds a database whose parameter group, of a type, lets somebody in
// without TLS.
func (p *Plan) forcesTLS(r resource, property, token string) []Finding {
	group, _ := p.known(token, r.text(property))
	forced := slices.ContainsFunc(group.list("parameters"), func(v any) bool {
		name, _ := at(v, "name").(string)
		return slices.Contains(tls, name) && slices.Contains([]any{"1", "ON"}, at(v, "value"))
	})
	if forced {
		return nil
	}
	return one(broken(r, property, r.get(property), "a parameter group of the stack with rds.force_ssl or require_secure_transport 1"))
}
