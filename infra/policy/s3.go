package policy

import (
	"math"
	"slices"
	"strings"
	"time"
)

const (
	bucketType     = "s3/bucketV2:BucketV2"
	bucketPolicy   = "s3/bucketPolicy:BucketPolicy"
	encryptionType = "s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	versioningType = "s3/bucketVersioningV2:BucketVersioningV2"
	lifecycleType  = "s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	loggingType    = "s3/bucketLoggingV2:BucketLoggingV2"
	blockType      = "s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	ownershipType  = "s3/bucketOwnershipControls:BucketOwnershipControls"
	// An S3 table bucket, where live/ says tables: s3tables.
	tableBucketType   = "s3tables/tableBucket:TableBucket"
	tableBucketPolicy = "s3tables/tableBucketPolicy:TableBucketPolicy"

	databaseType = "glue/catalogDatabase:CatalogDatabase"
)

const noncurrent = "rules.noncurrentVersionExpiration.noncurrentDays"

// margin is how many days deleted files outlast the snapshots that named them.
const margin = 7

var storageRules = []Rule{
	{Row: 1, Title: "buckets are closed to the public", IDs: []string{"S3.8", "S3.2", "S3.3", "CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56", "CKV2_AWS_6", "F14", "W31"}, Severity: Must,
		Fix: "give the bucket a BucketPublicAccessBlock with all four flags", Check: closed},
	{Row: 3, Title: "the bucket's owner owns all objects, there are no ACLs", IDs: []string{"S3.12", "CKV2_AWS_65"}, Severity: Must,
		Fix: "give the bucket BucketOwnershipControls", Check: owned},
	{Row: 4, Title: "buckets take TLS 1.2 and later only", IDs: []string{"S3.5", "CKV_AWS_379", "CKV_AWS_70", "F16"}, Severity: Must,
		Fix: "deny aws:SecureTransport false and s3:TlsVersion below 1.2 in the bucket's policy", Check: encryptedTransport},
	{Row: 5, Title: "bucket policies allow nobody unnamed and nothing whole", IDs: []string{"S3.6", "CKV_AWS_70", "F15", "F16", "F9", "W20"}, Severity: Must,
		Fix: "name principals and actions", Check: func(p *Plan) []Finding {
			return append(each(p.of(bucketPolicy, bucketType), func(r resource) []Finding { return open(r, "policy") }),
				each(p.of(tableBucketPolicy), func(r resource) []Finding { return open(r, "resourcePolicy") })...)
		}},
	{Row: 6, Title: "no bucket policy locks everybody out", IDs: []string{"CKV_AWS_93"}, Severity: Must,
		Fix: "give what is denied to everybody a condition", Check: lockedOut},
	{Row: 7, Title: "objects are encrypted by a key of the stack's, with bucket keys, and by no other", IDs: []string{"S3.17", "CKV_AWS_145", "CKV_AWS_19", "W41"}, Severity: Must,
		Fix: "set aws:kms, the key and bucketKeyEnabled, and deny uploads that name another key; a bucket that AWS delivers logs to takes AES256", Check: ownKey},
	{Row: 8, Title: "buckets of tables are versioned", IDs: []string{"S3.14", "CKV_AWS_21"}, Severity: Must,
		Fix: "enable versioning", Check: func(p *Plan) []Finding {
			return each(p.tableBuckets(), func(b resource) []Finding { // not a table bucket: S3 Tables keeps no versions
				return p.beside(b, versioningType, "bucket", func(v resource) []Finding { return v.want("versioningConfiguration.status", "Enabled") })
			})
		}},
	{Row: 9, Title: "uploads that nobody finished are dropped", IDs: []string{"S3.13", "CKV_AWS_300", "CKV2_AWS_61"}, Severity: Must,
		Fix: "abort multipart uploads of the whole bucket after 1 to 7 days", Check: abandoned},
	{Row: 10, Title: "deleted files outlast the snapshots, and no rule touches a table's current files", IDs: []string{"S3.10"}, Severity: Must,
		Fix: "correct the lifecycle rules of infra/storage", Check: keptFiles},
	{Row: 11, Title: "results of queries expire", IDs: []string{"S3.13"}, Severity: Must,
		Fix: "expire results after 7 to 30 days, without versions", Check: shortLived},
	{Row: 12, Title: "who reads and writes the tables' files is noted", IDs: []string{"S3.9", "CKV_AWS_18", "W35"}, Severity: Prod,
		Fix: "set audit: trail or storage.access_logs in platform.yaml", Check: noted},
	{Row: 13, Title: "a bucket whose uploads start a workflow tells of them", IDs: []string{"S3.11", "CKV2_AWS_62"}, Severity: Offered,
		Fix: "give the bucket a BucketNotification to EventBridge", Check: uploads},
	{Row: 16, Title: "what holds data outlives a mistake", Severity: Must,
		Fix: "protect it and let nothing force its deletion, or allow deletion in platform.yaml", Check: protected},
}

func (p *Plan) buckets() []resource { return p.of(bucketType) }

// bucketsOf are those buckets that are named: by name or ARN.
func (p *Plan) bucketsOf(names ...string) []resource {
	var found []resource
	for _, b := range p.buckets() {
		if slices.ContainsFunc(names, func(n string) bool { return slices.Contains(b.names(), strings.TrimSuffix(n, "/")) }) {
			found = append(found, b)
		}
	}
	return found
}

// split is a location's bucket and prefix.
func split(location string) (bucket, prefix string) {
	bucket, prefix, _ = strings.Cut(strings.TrimPrefix(location, "s3://"), "/")
	return bucket, prefix
}

// tableBuckets are those that a Glue database lies in.
func (p *Plan) tableBuckets() []resource {
	var names []string
	for _, d := range p.of(databaseType) {
		bucket, _ := split(d.text("locationUri"))
		names = append(names, bucket)
	}
	return p.bucketsOf(names...)
}

// resultBuckets are those that Athena writes answers to.
func (p *Plan) resultBuckets() []resource {
	var names []string
	for _, w := range p.of(workgroupType) {
		bucket, _ := split(w.text("configuration.resultConfiguration.outputLocation"))
		names = append(names, bucket)
	}
	return p.bucketsOf(names...)
}

// deliverers are the services that write logs into buckets with S3's own key only.
var deliverers = []string{"delivery.logs.amazonaws.com", "logging.s3.amazonaws.com"}

// logBuckets are those that AWS delivers logs to.
func (p *Plan) logBuckets() []resource {
	var names []string
	for _, r := range p.of(bucketPolicy) {
		for _, s := range r.policies["policy"] {
			if s.allows() && s.has("s3:PutObject") && slices.ContainsFunc(s.Principal["Service"], func(service string) bool { return slices.Contains(deliverers, service) }) {
				names = append(names, r.text("bucket"))
			}
		}
	}
	return p.bucketsOf(names...)
}

// among says whether a list holds r.
func among(list []resource, r resource) bool {
	return slices.ContainsFunc(list, func(o resource) bool { return o.URN == r.URN })
}

// passedBy are ways to S3 that no rule looks into; floe has none.
var passedBy = []string{"s3/bucket:Bucket", "s3/accessPoint:AccessPoint", "s3/directoryBucket:DirectoryBucket"}

func closed(p *Plan) []Finding {
	all := absent("a BucketV2, with all that belongs to it", passedBy...)(p)
	return append(all, each(p.buckets(), func(b resource) []Finding {
		return p.beside(b, blockType, "bucket", func(block resource) []Finding {
			var all []Finding
			for _, flag := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
				all = append(all, block.want(flag, true)...)
			}
			return all
		})
	})...)
}

func owned(p *Plan) []Finding {
	all := absent("a policy: with BucketOwnerEnforced no ACL holds", "s3/bucketAclV2:BucketAclV2")(p)
	return append(all, each(p.buckets(), func(b resource) []Finding {
		return p.beside(b, ownershipType, "bucket", func(o resource) []Finding { return o.want("rule.objectOwnership", "BucketOwnerEnforced") })
	})...)
}

func encryptedTransport(p *Plan) []Finding {
	all := each(p.of(tableBucketType), func(b resource) []Finding {
		return p.beside(b, tableBucketPolicy, "tableBucketArn", func(r resource) []Finding {
			if refused(r.policies["resourcePolicy"], "s3tables:*", []string{b.ARN, b.ARN + "/table/*"}, plainText) {
				return nil
			}
			return one(broken(r, "resourcePolicy", "plain HTTP is not denied", "a statement that denies everybody s3tables:* on bucket and tables where aws:SecureTransport is false, whatever else"))
		})
	})
	return append(all, each(p.buckets(), func(b resource) []Finding {
		return p.beside(b, bucketPolicy, "bucket", func(r resource) []Finding {
			var all []Finding
			whole := []string{b.ARN, b.ARN + "/*"}
			if !refused(r.policies["policy"], "s3:*", whole, plainText) {
				all = append(all, broken(r, "policy", "plain HTTP is not denied", "a statement that denies everybody s3:* on bucket and objects where aws:SecureTransport is false, whatever else"))
			}
			if !refused(r.policies["policy"], "s3:*", whole, oldTLS) {
				all = append(all, broken(r, "policy", "old TLS is not denied", "a statement that denies everybody s3:* on bucket and objects where s3:TlsVersion is below 1.2, whatever else"))
			}
			return all
		})
	})...)
}

func lockedOut(p *Plan) []Finding {
	return each(p.of(bucketPolicy), func(r resource) []Finding {
		var all []Finding
		for _, s := range r.policies["policy"] {
			if s.denies() && (s.everybody() || len(s.NotPrincipal) > 0) && len(s.Condition) == 0 && (s.has("s3:PutBucketPolicy") || s.has("s3:GetObject") || len(s.NotAction) > 0) {
				all = append(all, broken(r, s.name("policy"), "everybody is denied "+strings.Join(slices.Concat(s.Action, s.NotAction), ", "), "a condition"))
			}
		}
		return all
	})
}

// What a statement that refuses other keys may leave alone: uploads that name
// none, and AWS's own. An upload may bring a key of its own, too.
var (
	namesKey = condition{[]string{"Null"}, "s3:x-amz-server-side-encryption", oneOf("false")}
	itsOwn   = condition{[]string{"Null"}, "s3:x-amz-server-side-encryption-customer-algorithm", oneOf("false")}
	notAWS   = condition{[]string{"Bool", "BoolIfExists"}, "aws:PrincipalIsAWSService", oneOf("false")}
)

func ownKey(p *Plan) []Finding {
	logs := p.logBuckets()
	tables := each(p.of(tableBucketType), func(b resource) []Finding {
		return append(b.want("encryptionConfiguration.sseAlgorithm", "aws:kms"), p.keyed(b, "encryptionConfiguration.kmsKeyArn")...)
	})
	return append(tables, each(p.buckets(), func(b resource) []Finding {
		delivered := among(logs, b)
		all := p.beside(b, encryptionType, "bucket", func(e resource) []Finding {
			const by = "rules.0.applyServerSideEncryptionByDefault."
			if delivered && e.text(by+"sseAlgorithm") == "AES256" {
				return nil
			}
			found := append(e.want(by+"sseAlgorithm", "aws:kms"), e.want("rules.0.bucketKeyEnabled", true)...)
			return append(found, p.keyed(e, by+"kmsMasterKeyId")...)
		})
		if delivered {
			return all
		}
		for _, r := range p.naming(b, bucketPolicy, "bucket") {
			if !refused(r.policies["policy"], "s3:PutObject", []string{b.ARN + "/*"}, itsOwn) {
				all = append(all, broken(r, "policy", "uploads may bring their own key", "a statement that denies everybody s3:PutObject with an s3:x-amz-server-side-encryption-customer-algorithm"))
			}
			otherKey := condition{except, "s3:x-amz-server-side-encryption-aws-kms-key-id", oneOf(p.keyOf(b))}
			if !refused(r.policies["policy"], "s3:PutObject", []string{b.ARN + "/*"}, otherKey, namesKey, notAWS) {
				all = append(all, broken(r, "policy", "uploads may name another key", "a statement that denies everybody s3:PutObject with another s3:x-amz-server-side-encryption-aws-kms-key-id than the bucket's"))
			}
		}
		return all
	})...)
}

// rules are a lifecycle's that are enabled.
func (r resource) rules() []map[string]any {
	var all []map[string]any
	for _, v := range r.list("rules") {
		if rule, ok := v.(map[string]any); ok && rule["status"] == "Enabled" {
			all = append(all, rule)
		}
	}
	return all
}

// prefix is what a lifecycle rule is about; "" is all.
func prefix(rule map[string]any) string {
	text, _ := at(rule, "filter.prefix").(string)
	return text
}

// whole says whether a rule of a bucket is about all that it holds.
func whole(rule map[string]any) bool {
	filter, _ := rule["filter"].(map[string]any)
	for key, v := range filter {
		if key != "prefix" || v != "" {
			return false
		}
	}
	return rule["prefix"] == nil || rule["prefix"] == ""
}

func abandoned(p *Plan) []Finding {
	return each(p.buckets(), func(b resource) []Finding {
		return p.beside(b, lifecycleType, "bucket", func(l resource) []Finding {
			for _, rule := range l.rules() {
				if days := number(at(rule, "abortIncompleteMultipartUpload.daysAfterInitiation")); whole(rule) && days >= 1 && days <= 7 {
					return nil
				}
			}
			return one(broken(l, "rules.abortIncompleteMultipartUpload", "", "a rule for the whole bucket, 1 to 7 days"))
		})
	})
}

// snapshotDays is for how many days the stack's tables can be read as they were.
func (p *Plan) snapshotDays() float64 {
	keep, err := time.ParseDuration(p.Stack.Platform.Retention.Snapshots)
	if err != nil {
		return 0 // refused by live.Load already
	}
	return math.Ceil(keep.Hours() / 24)
}

func keptFiles(p *Plan) []Finding {
	least := p.snapshotDays() + margin
	tables := each(p.of(tableBucketType), func(b resource) []Finding { // S3 Tables removes what no snapshot names
		const removal = "maintenanceConfiguration.icebergUnreferencedFileRemoval."
		found := b.want(removal+"status", "enabled")
		for _, days := range []string{"settings.unreferencedDays", "settings.nonCurrentDays"} {
			if b.number(removal+days) < margin {
				found = append(found, broken(b, removal+days, b.get(removal+days), "%d or more", margin))
			}
		}
		return found
	})
	return append(tables, each(p.tableBuckets(), func(b resource) []Finding {
		return p.beside(b, lifecycleType, "bucket", func(l resource) []Finding {
			all, expires := p.touched(b, l), false
			for _, rule := range l.rules() {
				days := number(at(rule, "noncurrentVersionExpiration.noncurrentDays"))
				expires = expires || days > 0 && whole(rule)
				if days > 0 && days < least {
					all = append(all, broken(l, noncurrent, days, "%g or more: snapshots are kept for %g days, and a mistake is found later", least, least-margin))
				}
			}
			if !expires {
				all = append(all, broken(l, noncurrent, "", "%g or more; what is never deleted is paid for ever", least))
			}
			return all
		})
	})...)
}

// touched finds rules that move or delete current files where a table may lie.
func (p *Plan) touched(b, lifecycle resource) []Finding {
	var all []Finding
	for _, rule := range lifecycle.rules() {
		act := ""
		switch {
		case number(at(rule, "expiration.days")) > 0 || at(rule, "expiration.date") != nil:
			act = "expiration"
		case at(rule, "transitions") != nil:
			act = "transitions"
		default:
			continue
		}
		for _, d := range p.of(databaseType) {
			bucket, below := split(d.text("locationUri"))
			if slices.Contains(b.names(), bucket) && (strings.HasPrefix(below+"/", prefix(rule)) || strings.HasPrefix(prefix(rule), below+"/")) {
				all = append(all, broken(lifecycle, "rules."+act, "a rule for "+shown(prefix(rule)), "none where a table of %s lies: its snapshots name these files", d.text("name")))
				break
			}
		}
	}
	return all
}

func shortLived(p *Plan) []Finding {
	return each(p.resultBuckets(), func(b resource) []Finding {
		var all []Finding
		for _, v := range p.naming(b, versioningType, "bucket") {
			if v.text("versioningConfiguration.status") == "Enabled" {
				all = append(all, broken(v, "versioningConfiguration.status", "Enabled", "no versioning: answers can be asked for again"))
			}
		}
		return append(all, p.beside(b, lifecycleType, "bucket", func(l resource) []Finding {
			for _, rule := range l.rules() {
				if days := number(at(rule, "expiration.days")); whole(rule) && days >= 7 && days <= 30 {
					return nil
				}
			}
			return one(broken(l, "rules.expiration.days", "", "a rule for the whole bucket, 7 to 30 days"))
		})...)
	})
}

func uploads(p *Plan) []Finding {
	return each(p.of("cloudwatch/eventRule:EventRule"), func(rule resource) []Finding {
		pattern := rule.text("eventPattern")
		if !strings.Contains(pattern, `"aws.s3"`) {
			return nil
		}
		for _, b := range p.buckets() {
			if strings.Contains(pattern, `"`+b.text("bucket")+`"`) {
				return p.beside(b, "s3/bucketNotification:BucketNotification", "bucket", func(n resource) []Finding { return n.want("eventbridge", true) })
			}
		}
		return one(broken(rule, "eventPattern", pattern, "one that names a bucket of the stack"))
	})
}
