package aws

// Gap is something of AWS that the account does not hold.
type Gap struct{ What, Why string }

// NotHeld lists what a test cannot learn here, beyond what is mended.
var NotHeld = []Gap{
	{"permissions", "moto's IAM is off: it denies what ARN patterns allow and ignores conditions, so every call is let through; Calls tells which role made which"},
	{"grants of Lake Formation", "they are kept and shown as AWS does, and hold nobody back: Glue and Athena answer whoever asks; who makes something is granted nothing for it; a principal need not exist"},
	{"conditions of bucket policies", "moto applies a policy without looking at its conditions; statements that have one are left out"},
	{"encryption with KMS", "settings are kept and given back, no byte is encrypted and no key policy is asked"},
	{"networks", "subnets, security groups and endpoints are records; what runs, runs on the machine's own network"},
	{"ValidateStateMachineDefinition", "it answers OK to any definition, with which Step Functions would refuse a wrong one at plan"},
	{"ecs:runTask", "moto fails to place a Fargate task: RunTask of this package starts it, the API's RunTask does not"},
	{"schedules", "EventBridge Scheduler keeps schedules and does not fire them"},
	{"asynchronous Lambda", "an event invocation runs once: no retries, no destinations, no dead letters"},
	{"Lambda concurrency", "every invocation is a cold start and none is throttled; reserved concurrency is only kept"},
	{"the limits of memory and CPU", "functions and tasks have the machine's; only the timeout of a function is enforced"},
	{"the image's file system", "there is no chroot: a program that opens /x sees the machine's /x; TMPDIR stands for its /tmp"},
	{"ECR scans and lifecycle rules", "they are kept, nothing is scanned and nothing expires"},
	{"replication between buckets", "S3 keeps the rule and copies nothing"},
	{"AWS Backup and CloudTrail", "plans, tests and trails are kept; nothing is backed up, restored or noted"},
	{"the lag of AWS", "every write is seen at once; only the provider's own waits are as long as on AWS"},
}
