package policy

import (
	"slices"
	"strings"
)

const (
	jobType        = "glue/job:Job"
	crawlerType    = "glue/crawler:Crawler"
	optimizerType  = "glue/catalogTableOptimizer:CatalogTableOptimizer"
	invocationType = "lambda/invocation:Invocation"
)

var glueRules = []Rule{
	{Row: 72, Title: "jobs and crawlers have a security configuration", IDs: []string{"CKV_AWS_99", "CKV_AWS_195"}, Severity: Must,
		Fix: "set securityConfiguration", Check: func(p *Plan) []Finding {
			return each(p.of(jobType, crawlerType), func(r resource) []Finding {
				if r.text("securityConfiguration") != "" {
					return nil
				}
				return one(broken(r, "securityConfiguration", "", "the name of a SecurityConfiguration"))
			})
		}},
	{Row: 73, Title: "a Glue job has a supported version, a limit, and runs once at a time", IDs: []string{"Glue.4", "CKV_AWS_195"}, Severity: Must,
		Fix: "load by floe ingest, or set glueVersion, timeout and maxConcurrentRuns", Check: jobs},
	{Row: 74, Title: "no table is a Pulumi resource: its schema changes by commits", Severity: Must,
		Fix: "declare the table by a contract or a model", Check: absent("a contract below runtime/pipelines/ingest, or a model", "glue/catalogTable:CatalogTable")},
	{Row: 75, Title: "tables are compacted", Severity: Must, Fix: "let floe maintain do it, and waive the rule; or make an optimizer of type compaction for each table", Check: optimized("compaction")},
	{Row: 76, Title: "snapshots expire and their files go", Severity: Must, Fix: "let floe maintain do it, and waive the rule; or make an optimizer of type retention with cleanExpiredFiles", Check: optimized("retention")},
	{Row: 77, Title: "orphans are deleted", Severity: Must, Fix: "let floe maintain do it, and waive the rule; or make an optimizer of type orphan_file_deletion", Check: optimized("orphan_file_deletion")},
	{Row: 78, Title: "an optimizer is made after its table", Severity: Must, Fix: "let floe maintain be the only maintainer, and waive the rule; or let the optimizer depend on the evolution", Check: afterTables},
	{Row: 80, Title: "no crawler rewrites a table's schema", Severity: Must,
		Fix: "leave the crawler out: tables are in the catalog from their first commit", Check: crawlers},
}

func jobs(p *Plan) []Finding {
	return each(p.of(jobType), func(j resource) []Finding {
		var all []Finding
		if v := j.text("glueVersion"); v < "4.0" {
			all = append(all, broken(j, "glueVersion", v, "4.0 or later"))
		}
		if j.number("timeout") == 0 {
			all = append(all, broken(j, "timeout", "", "minutes"))
		}
		if n := j.number("executionProperty.maxConcurrentRuns"); n != 1 {
			all = append(all, broken(j, "executionProperty.maxConcurrentRuns", n, "1"))
		}
		return all
	})
}

// optimizers are those of a database's tables, by type; "" is any.
func (p *Plan) optimizers(database resource, kind string) []resource {
	return slices.DeleteFunc(p.naming(database, optimizerType, "databaseName"), func(o resource) bool { return kind != "" && o.text("type") != kind })
}

func optimized(kind string) func(*Plan) []Finding {
	return func(p *Plan) []Finding {
		return each(p.of(databaseType), func(d resource) []Finding {
			found := p.optimizers(d, kind)
			if len(found) == 0 {
				return one(broken(d, "(its tables' optimizers)", "none of type "+kind, "floe maintain and a waiver, or an optimizer of type %s", kind))
			}
			return each(found, func(o resource) []Finding {
				const clean = "configuration.retentionConfiguration.icebergConfiguration.cleanExpiredFiles"
				if kind == "retention" && !o.flag(clean) {
					return one(broken(o, clean, o.get(clean), "true: otherwise the files stay and are paid for"))
				}
				return nil
			})
		})
	}
}

// afterTables finds databases whose tables have no optimizer that waits for the evolution.
func afterTables(p *Plan) []Finding {
	return each(p.of(databaseType), func(d resource) []Finding {
		found := p.optimizers(d, "")
		if len(found) == 0 {
			return one(broken(d, "(its tables' optimizers)", "none that waits for its table", "floe maintain and a waiver, or an optimizer that depends on the evolution"))
		}
		return each(found, func(o resource) []Finding {
			if slices.ContainsFunc(p.of(invocationType), func(i resource) bool { return slices.Contains(o.DependsOn, i.URN) }) {
				return nil
			}
			return one(broken(o, "dependsOn (option)", "no lambda.Invocation", "the one that makes the tables"))
		})
	})
}

func crawlers(p *Plan) []Finding {
	return each(p.of(crawlerType), func(c resource) []Finding {
		var all []Finding
		for _, t := range c.list("s3Targets") {
			path, _ := at(t, "path").(string)
			for _, d := range p.of(databaseType) {
				if location := d.text("locationUri"); strings.HasPrefix(path+"/", location+"/") || strings.HasPrefix(location+"/", strings.TrimSuffix(path, "/")+"/") {
					all = append(all, broken(c, "s3Targets.path", path, "a path outside %s", location))
				}
			}
		}
		return all
	})
}
