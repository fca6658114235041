package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// id is a resource's id, made of its name.
func id(args pulumi.MockResourceArgs) string {
	if args.ID != "" {
		return args.ID
	}
	short := hash(args.TypeToken + args.Name)[:17]
	switch args.TypeToken {
	case "aws:ec2/vpc:Vpc":
		return "vpc-" + short
	case "aws:ec2/subnet:Subnet":
		return "subnet-" + short
	case "aws:ec2/securityGroup:SecurityGroup":
		return "sg-" + short
	}
	for _, key := range []resource.PropertyKey{"name", "bucket"} {
		if v, ok := args.Inputs[key]; ok && v.IsString() {
			return v.StringValue()
		}
	}
	return args.Name
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// arns are the forms of the ARNs that AWS gives, after arn:aws: (each service's
// page in the Service Authorization Reference). What is missing here has none.
var arns = map[string]string{
	"aws:athena/workgroup:Workgroup":                 "athena:REGION:ACCOUNT:workgroup/NAME",
	"aws:backup/plan:Plan":                           "backup:REGION:ACCOUNT:backup-plan:NAME",
	"aws:backup/vault:Vault":                         "backup:REGION:ACCOUNT:backup-vault:NAME",
	"aws:cloudtrail/trail:Trail":                     "cloudtrail:REGION:ACCOUNT:trail/NAME",
	"aws:budgets/budget:Budget":                      "budgets::ACCOUNT:budget/NAME",
	"aws:costexplorer/anomalyMonitor:AnomalyMonitor": "ce::ACCOUNT:anomalymonitor/NAME",
	"aws:cloudwatch/eventRule:EventRule":             "events:REGION:ACCOUNT:rule/NAME",
	"aws:cloudwatch/logGroup:LogGroup":               "logs:REGION:ACCOUNT:log-group:NAME",
	"aws:cloudwatch/metricAlarm:MetricAlarm":         "cloudwatch:REGION:ACCOUNT:alarm:NAME",
	"aws:ec2/securityGroup:SecurityGroup":            "ec2:REGION:ACCOUNT:security-group/NAME",
	"aws:ec2/subnet:Subnet":                          "ec2:REGION:ACCOUNT:subnet/NAME",
	"aws:ec2/vpc:Vpc":                                "ec2:REGION:ACCOUNT:vpc/NAME",
	"aws:ecr/repository:Repository":                  "ecr:REGION:ACCOUNT:repository/NAME",
	"aws:ecs/cluster:Cluster":                        "ecs:REGION:ACCOUNT:cluster/NAME",
	"aws:glue/catalogDatabase:CatalogDatabase":       "glue:REGION:ACCOUNT:database/NAME",
	"aws:iam/role:Role":                              "iam::ACCOUNT:role/NAME",
	"aws:lambda/function:Function":                   "lambda:REGION:ACCOUNT:function:NAME",
	"aws:s3/bucketV2:BucketV2":                       "s3:::NAME",
	"aws:s3tables/tableBucket:TableBucket":           "s3tables:REGION:ACCOUNT:bucket/NAME",
	"aws:scheduler/schedule:Schedule":                "scheduler:REGION:ACCOUNT:schedule/GROUP/NAME",
	"aws:scheduler/scheduleGroup:ScheduleGroup":      "scheduler:REGION:ACCOUNT:schedule-group/NAME",
	"aws:secretsmanager/secret:Secret":               "secretsmanager:REGION:ACCOUNT:secret:NAME-AbCdEf",
	"aws:sfn/stateMachine:StateMachine":              "states:REGION:ACCOUNT:stateMachine:NAME",
	"aws:sns/topic:Topic":                            "sns:REGION:ACCOUNT:NAME",
	"aws:sqs/queue:Queue":                            "sqs:REGION:ACCOUNT:NAME",
}

// region is where a resource's provider works: the one that it names, or the
// stack's. A provider itself is remembered.
func (r *recorder) region(args pulumi.MockResourceArgs) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if own, ok := args.Inputs["region"]; ok && own.IsString() && args.TypeToken == "pulumi:providers:aws" {
		if r.regions == nil {
			r.regions = map[string]string{}
		}
		r.regions[args.Name] = own.StringValue()
	}
	_, reference, _ := strings.Cut(args.Provider, "pulumi:providers:aws::")
	name, _, _ := strings.Cut(reference, "::")
	return cmp.Or(r.regions[name], r.Region)
}

// outputs are a resource's inputs and what AWS adds to them.
func (r *recorder) outputs(args pulumi.MockResourceArgs) resource.PropertyMap {
	out := args.Inputs.Copy()
	put := func(key, text string) {
		if _, ok := out[resource.PropertyKey(key)]; !ok {
			out[resource.PropertyKey(key)] = resource.NewStringProperty(text)
		}
	}
	name, region := id(args), r.region(args)
	if form, ok := arns[args.TypeToken]; ok {
		group := "default"
		if g, ok := args.Inputs["groupName"]; ok && g.IsString() {
			group = g.StringValue()
		}
		put("arn", "arn:aws:"+strings.NewReplacer("REGION", region, "ACCOUNT", r.Account, "GROUP", group, "NAME", name).Replace(form))
	}
	put("name", name)
	switch args.TypeToken {
	case "aws:kms/key:Key":
		put("keyId", hash(args.Name)[:32])
		out["arn"] = resource.NewStringProperty(fmt.Sprintf("arn:aws:kms:%s:%s:key/%s", region, r.Account, hash(args.Name)[:32]))
	case "aws:ecr/repository:Repository":
		put("repositoryUrl", fmt.Sprintf("%s.dkr.ecr.%s.amazonaws.com/%s", r.Account, r.Region, name))
	case "aws:sqs/queue:Queue":
		put("url", fmt.Sprintf("https://sqs.%s.amazonaws.com/%s/%s", r.Region, r.Account, name))
	case "aws:ec2/vpc:Vpc":
		put("defaultSecurityGroupId", "sg-"+hash("default")[:17])
	case "aws:ec2/vpcEndpoint:VpcEndpoint":
		put("prefixListId", "pl-"+hash(args.Name)[:17])
	case "aws:ecs/taskDefinition:TaskDefinition":
		family := name
		if f, ok := args.Inputs["family"]; ok && f.IsString() {
			family = f.StringValue()
		}
		arn := fmt.Sprintf("arn:aws:ecs:%s:%s:task-definition/%s", r.Region, r.Account, family)
		put("arnWithoutRevision", arn)
		out["arn"] = resource.NewStringProperty(arn + ":1")
	}
	return out
}

// Call implements pulumi.MockResourceMonitor: what data sources answer.
func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	texts := func(all ...string) resource.PropertyValue {
		out := make([]resource.PropertyValue, len(all))
		for i, t := range all {
			out[i] = resource.NewStringProperty(t)
		}
		return resource.NewArrayProperty(out)
	}
	text := resource.NewStringProperty
	switch args.Token {
	case "aws:index/getCallerIdentity:getCallerIdentity":
		return resource.PropertyMap{"accountId": text(r.Account), "arn": text("arn:aws:iam::" + r.Account + ":user/planner"), "id": text(r.Account), "userId": text("planner")}, nil
	case "aws:index/getAvailabilityZones:getAvailabilityZones":
		return resource.PropertyMap{"names": texts(r.Region+"a", r.Region+"b", r.Region+"c"), "zoneIds": texts("1", "2", "3"), "id": text(r.Region)}, nil
	case "aws:ec2/getVpc:getVpc":
		return resource.PropertyMap{"id": text("vpc-" + hash("existing")[:17]), "cidrBlock": text("10.0.0.0/16")}, nil
	case "aws:ec2/getSubnets:getSubnets":
		return resource.PropertyMap{"ids": texts("subnet-"+hash("a")[:17], "subnet-"+hash("b")[:17]), "id": text(r.Region)}, nil
	case "aws:ecs/getCluster:getCluster":
		name := args.Args["clusterName"].StringValue()
		return resource.PropertyMap{"arn": text(fmt.Sprintf("arn:aws:ecs:%s:%s:cluster/%s", r.Region, r.Account, name)), "clusterName": text(name), "id": text(name), "status": text("ACTIVE")}, nil
	}
	return nil, fmt.Errorf("nothing is known of what %s answers: add it to infra/plan", args.Token)
}
