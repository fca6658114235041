package policy

import (
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/live"
)

const trailType = "cloudtrail/trail:Trail"

// ofTables are the buckets that tables lie in: those of Glue's databases, and
// table buckets.
func (p *Plan) ofTables() []resource { return append(p.tableBuckets(), p.of(tableBucketType)...) }

// copies are the buckets that tables' files are copied to.
func (p *Plan) copies() []resource {
	var names []string
	for _, c := range p.of(replicationType) {
		names = append(names, c.text("rules.0.destination.bucket"))
	}
	return p.bucketsOf(names...)
}

func noted(p *Plan) []Finding {
	return each(p.ofTables(), func(b resource) []Finding {
		logged := slices.ContainsFunc(p.naming(b, loggingType, "bucket"), func(l resource) bool { return len(p.bucketsOf(l.text("targetBucket"))) > 0 })
		if logged || p.trailed(b) {
			return nil
		}
		return one(broken(b, "BucketLogging, Trail", "none", "access logs in a bucket of the stack, or a trail of its data events; of a table bucket, a trail"))
	})
}

// trailed says whether a trail notes what happens to all objects of a bucket,
// or to all tables of a table bucket.
func (p *Plan) trailed(b resource) bool {
	kind, all := "AWS::S3::Object", b.ARN+"/"
	if b.Type == "aws:"+tableBucketType {
		kind, all = "AWS::S3Tables::Table", b.ARN+"/table/"
	}
	return slices.ContainsFunc(p.of(trailType), func(t resource) bool {
		return slices.ContainsFunc(t.list("advancedEventSelectors"), func(s any) bool { return selects(s, kind, all) })
	})
}

// begins says whether one of some texts is the beginning of another.
func begins(list any, text string) bool {
	texts, _ := list.([]any)
	return slices.ContainsFunc(texts, func(v any) bool {
		begin, ok := v.(string)
		return ok && strings.HasPrefix(text, begin)
	})
}

// selects says whether an advanced selector picks every data event of a kind of
// resources whose ARNs begin so; readOnly is writesOnly's.
func selects(selector any, kind, arn string) bool {
	fields, _ := at(selector, "fieldSelectors").([]any)
	found := false
	for _, v := range fields {
		f, _ := v.(map[string]any)
		right := false
		switch f["field"] {
		case "eventCategory":
			right = only(f, "equals", "Data")
		case "resources.type":
			right = only(f, "equals", kind)
			found = right
		case "resources.ARN":
			right = len(f) == 2 && begins(f["startsWiths"], arn)
		case "readOnly":
			right = only(f, "equals", "false")
		}
		if !right {
			return false
		}
	}
	return found
}

// only says whether a field selector has one operator with one value.
func only(field map[string]any, operator, value string) bool {
	list, _ := field[operator].([]any)
	return len(field) == 2 && len(list) == 1 && list[0] == value
}

func trails(p *Plan) []Finding {
	if len(p.of(trailType)) == 0 {
		return each(p.ofTables(), func(b resource) []Finding { return one(broken(b, "Trail", "none", "a trail of its data events")) })
	}
	all := each(append(p.ofTables(), p.copies()...), func(b resource) []Finding {
		if p.trailed(b) {
			return nil
		}
		return one(broken(p.of(trailType)[0], "advancedEventSelectors", "none of all that "+b.Name+" holds", "a selector of its type whose resources.ARN begins with %s/", b.ARN))
	})
	return append(all, each(p.of(trailType), func(t resource) []Finding {
		found := slices.Concat(t.want("enableLogFileValidation", true), t.want("isMultiRegionTrail", true), p.keyed(t, "kmsKeyId"))
		if t.get("enableLogging") == false {
			found = append(found, broken(t, "enableLogging", false, "true"))
		}
		if to := t.text("s3BucketName"); len(p.bucketsOf(to)) == 0 {
			found = append(found, broken(t, "s3BucketName", to, "a bucket of the stack, whose objects are locked"))
		}
		if to := t.text("cloudWatchLogsGroupArn"); !p.logsHere(to) {
			found = append(found, broken(t, "cloudWatchLogsGroupArn", to, "a log group of the stack"))
		}
		if p.Stack.Name == live.Production && writesOnly(t) {
			found = append(found, broken(t, "advancedEventSelectors.readOnly", "writes only", "reads and writes in production"))
		}
		return found
	})...)
}

// logsHere says whether an ARN is that of a log group of the stack.
func (p *Plan) logsHere(arn string) bool {
	return p.ours(logGroupType, strings.TrimSuffix(arn, ":*"))
}

// writesOnly says whether a trail leaves reads out.
func writesOnly(trail resource) bool {
	return slices.ContainsFunc(trail.list("advancedEventSelectors"), func(s any) bool {
		fields, _ := at(s, "fieldSelectors").([]any)
		return slices.ContainsFunc(fields, func(f any) bool { return at(f, "field") == "readOnly" })
	})
}
