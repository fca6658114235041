package live

// Platform is live/<stack>/platform.yaml: what the stack stands on. What the
// file leaves out, Load fills in.
type Platform struct {
	Version int `yaml:"version" jsonschema:"enum=1"`
	// Owner answers for the stack, a team or an address; everything is tagged with it. Required in prod.
	Owner string `yaml:"owner,omitempty"`
	// Account is the AWS account's twelve digits, in quotes. Nothing is done in another account. Required in prod.
	Account string `yaml:"account,omitempty" jsonschema:"pattern=^[0-9]{12}$"`
	// Architecture of the images: arm64 is cheaper, x86_64 is for those who need it. Default arm64.
	Architecture string `yaml:"architecture,omitempty" jsonschema:"enum=arm64,enum=x86_64"`
	// Deletion is refused or allowed: whether the stack may be destroyed with its data. Default refused in prod, allowed elsewhere.
	Deletion string  `yaml:"deletion,omitempty" jsonschema:"enum=refused,enum=allowed"`
	Network  Network `yaml:"network,omitempty"`
	// Schemas that models fill beside staging, intermediate and marts. Default none.
	Schemas []string `yaml:"schemas,omitempty"`
	// Domains that models belong to beside those of the contracts. Default none.
	Domains   []string  `yaml:"domains,omitempty"`
	Sizes     Sizes     `yaml:"sizes,omitempty"`
	Athena    Athena    `yaml:"athena,omitempty"`
	Retention Retention `yaml:"retention,omitempty"`
	Storage   Storage   `yaml:"storage,omitempty"`
	Budget    *Budget   `yaml:"budget,omitempty"`
	Alarms    *Alarms   `yaml:"alarms,omitempty"`
	// Objectives are how much may be lost and how long it may take. Required in prod.
	Objectives *Objectives `yaml:"objectives,omitempty"`
	// Replica keeps a copy of the tables' files in another region. Default none.
	Replica *Replica `yaml:"replica,omitempty"`
	// Backup backs databases of yours up. Default none.
	Backup *Backup `yaml:"backup,omitempty"`
	// Audit is trail (CloudTrail notes who reads and writes the tables' files) or none. Default trail in prod, none elsewhere.
	Audit string `yaml:"audit,omitempty" jsonschema:"enum=trail,enum=none"`
	// PermissionsBoundary is the ARN of an IAM policy that bounds every role that is made. Default none.
	PermissionsBoundary string `yaml:"permissions_boundary,omitempty"`
	// Repository on GitHub whose workflows deploy the stack, as the subject of its
	// tokens has it: org/name, or org@id/name@id. Default none: no role for them is made.
	Repository string `yaml:"repository,omitempty"`
	// Tables is glue (buckets of the stack, catalogued by Glue) or s3tables (an S3 table bucket). Default glue.
	Tables string `yaml:"tables,omitempty" jsonschema:"enum=glue,enum=s3tables"`
}

// Deletable says whether the stack may be destroyed with its data.
func (p *Platform) Deletable() bool { return p.Deletion == "allowed" }

// Network is how what runs inside the VPC reaches the outside.
type Network struct {
	// Egress is public (a public address, nothing comes in), endpoints (interface endpoints for the services in use), nat (a NAT gateway), or existing (a network of yours). Default public; prod must say it.
	Egress string `yaml:"egress,omitempty" jsonschema:"enum=public,enum=endpoints,enum=nat,enum=existing"`
	// Zones is how many availability zones the network spans. Default 2.
	Zones int `yaml:"zones,omitempty" jsonschema:"minimum=2,maximum=3"`
	// Existing is the network that is yours; with egress: existing only.
	Existing *Existing `yaml:"existing,omitempty"`
}

// Existing names a VPC and its subnets, by id or by tag, and an ECS cluster, by name.
type Existing struct {
	// VPC is its id: vpc-0123456789abcdef0.
	VPC string `yaml:"vpc,omitempty" jsonschema:"pattern=^vpc-[0-9a-f]{8\\,17}$"`
	// Subnets are the ids of those that tasks run in, at least two.
	Subnets []string `yaml:"subnets,omitempty" jsonschema:"minItems=2"`
	// Tags of the VPC and of the subnets, instead of their ids.
	Tags map[string]string `yaml:"tags,omitempty"`
	// Cluster is the name of an ECS cluster. Default: the stack makes one.
	Cluster string `yaml:"cluster,omitempty"`
}

// Sizes are those of what runs.
type Sizes struct {
	Function FunctionSize `yaml:"function,omitempty"`
	Task     TaskSize     `yaml:"task,omitempty"`
}

// FunctionSize is a Lambda function's.
type FunctionSize struct {
	// MemoryMB of a function; its share of a CPU grows with it. Default 1024.
	MemoryMB int `yaml:"memory_mb,omitempty" jsonschema:"minimum=256,maximum=10240"`
	// DiskMB of a function, for files on their way to S3. Default 2048.
	DiskMB int `yaml:"disk_mb,omitempty" jsonschema:"minimum=512,maximum=10240"`
}

// TaskSize is a Fargate task's; AWS has the two in pairs only.
type TaskSize struct {
	// CPU in 1/1024 of one. Default 256.
	CPU int `yaml:"cpu,omitempty" jsonschema:"enum=256,enum=512,enum=1024,enum=2048,enum=4096,enum=8192,enum=16384"`
	// MemoryMB of a task. Default 1024.
	MemoryMB int `yaml:"memory_mb,omitempty" jsonschema:"minimum=512"`
}

// Athena is what queries may read.
type Athena struct {
	// MBPerQuery is where one query is stopped, in millions of bytes. Default 100000.
	MBPerQuery int64 `yaml:"mb_per_query,omitempty" jsonschema:"minimum=10"`
	// GBPerDay is where an alarm goes off, in billions of bytes. Default 1000.
	GBPerDay int64 `yaml:"gb_per_day,omitempty" jsonschema:"minimum=1"`
	// Spark makes a workgroup for notebooks of Athena for Apache Spark, too. Default false.
	Spark bool `yaml:"spark,omitempty"`
}

// Retention is how long things are kept.
type Retention struct {
	// LogsDays is how many days logs are kept. Default 30.
	LogsDays int `yaml:"logs_days,omitempty" jsonschema:"enum=1,enum=3,enum=5,enum=7,enum=14,enum=30,enum=60,enum=90,enum=120,enum=150,enum=180,enum=365,enum=400,enum=545,enum=731"`
	// Snapshots is the age up to which a table can be read as it was. Default 168h.
	Snapshots string `yaml:"snapshots,omitempty"`
}

// Storage is what the buckets keep.
type Storage struct {
	// UploadsDays is after how many days files below uploads/ expire. Default 0, which keeps them.
	UploadsDays int `yaml:"uploads_days,omitempty" jsonschema:"minimum=0"`
	// AccessLogs writes S3's access logs; prod with audit: none always does. Default false.
	AccessLogs bool `yaml:"access_logs,omitempty"`
}

// Budget is what the stack may cost.
type Budget struct {
	// MonthlyUSD is the ceiling in US dollars a month: a plan that would cost more is refused, and AWS tells when the bill comes near.
	MonthlyUSD float64 `yaml:"monthly_usd" jsonschema:"minimum=1"`
	// Anomalies tells of unusual costs of the stack, too. AWS has this for the account that pays only, not for members of an organization. Default false.
	Anomalies bool `yaml:"anomalies,omitempty"`
}

// Alarms is who hears of failures.
type Alarms struct {
	// Email receives the alarms.
	Email string `yaml:"email"`
}

// Objectives are what a loss may cost.
type Objectives struct {
	// RTO is how long it may take until tables are back: 4h.
	RTO string `yaml:"rto"`
	// RPO is how much of the past may be lost: 24h.
	RPO string `yaml:"rpo"`
}

// Replica is a copy in another region.
type Replica struct {
	// Region is where the copy is: eu-west-1.
	Region string `yaml:"region"`
}

// Backup is of databases that are yours.
type Backup struct {
	// Databases are ARNs of RDS instances or clusters.
	Databases []string `yaml:"databases" jsonschema:"minItems=1"`
	// KeepDays is how long a backup is kept. Default 35.
	KeepDays int `yaml:"keep_days,omitempty" jsonschema:"minimum=7,maximum=3650"`
}
