package storage

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// abandoned is after how many days a multipart upload that nobody finished is dropped.
	abandoned = 7
	// margin is how many days longer than the snapshots a deleted file can be
	// brought back: who finds out late that maintenance took too much still has them.
	margin = 7
	// answers is how many days the results of queries are kept.
	answers = 14
	// Uploads is where people put files into the landing bucket.
	Uploads = "uploads/"
)

// rule is one lifecycle rule. None moves an object to another storage class:
// a table's files are read as long as a snapshot names them.
type rule struct {
	id     string
	prefix string
	// expire is after how many days the current version of an object goes; 0 for
	// never. No table may lie below the rule's prefix.
	expire int
	// noncurrent is after how many days a version goes that was deleted or written over.
	noncurrent int
	// markers drops delete markers that hide nothing any more.
	markers bool
}

// tableRules are those of a bucket that tables lie in. What is current is
// touched by none of them.
func tableRules(snapshots int) []rule {
	return []rule{
		{id: "abandoned-uploads"},
		{id: "deleted-files", noncurrent: snapshots + margin, markers: true},
	}
}

// uploadRules let uploaded files go, if that is wanted; no table lies there,
// because a table's folder is its schema's name.
func uploadRules(days int) []rule {
	if days == 0 {
		return nil
	}
	return []rule{{id: "uploads", prefix: Uploads, expire: days}}
}

func resultRules() []rule {
	return []rule{{id: "abandoned-uploads"}, {id: "results", expire: answers}}
}

func logRules(days int) []rule {
	return []rule{{id: "abandoned-uploads"}, {id: "logs", expire: days}}
}

// lockedRules are those of a bucket whose versions are locked: they go when the
// lock is off.
func lockedRules(days int) []rule {
	return []rule{{id: "abandoned-uploads"}, {id: "logs", expire: days}, {id: "expired-logs", noncurrent: 1, markers: true}}
}

// ruleArgs gives the rules as S3 has them.
func ruleArgs(rules []rule) s3.BucketLifecycleConfigurationV2RuleArray {
	out := make(s3.BucketLifecycleConfigurationV2RuleArray, len(rules))
	for i, r := range rules {
		args := &s3.BucketLifecycleConfigurationV2RuleArgs{
			Id: pulumi.String(r.id), Status: pulumi.String("Enabled"),
			Filter: &s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String(r.prefix)},
		}
		switch {
		case r.expire > 0:
			args.Expiration = &s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(r.expire)}
		case r.markers:
			args.Expiration = &s3.BucketLifecycleConfigurationV2RuleExpirationArgs{ExpiredObjectDeleteMarker: pulumi.Bool(true)}
		}
		if r.noncurrent > 0 {
			args.NoncurrentVersionExpiration = &s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{NoncurrentDays: pulumi.Int(r.noncurrent)}
		}
		if r.expire == 0 && r.noncurrent == 0 {
			args.AbortIncompleteMultipartUpload = &s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{DaysAfterInitiation: pulumi.Int(abandoned)}
		}
		out[i] = args
	}
	return out
}
