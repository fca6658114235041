package live

// Platform is live/<stack>/platform.yaml: what the stack stands on. What the
// file leaves out, Load fills in.
type Platform struct {
	Version int `yaml:"version" jsonschema:"enum=1"`
	// Account is the AWS account's twelve digits, in quotes. Nothing is done in another account. Required in prod.
	Account   string    `yaml:"account,omitempty" jsonschema:"pattern=^[0-9]{12}$"`
	Network   Network   `yaml:"network,omitempty"`
	Retention Retention `yaml:"retention,omitempty"`
	Budget    *Budget   `yaml:"budget,omitempty"`
	Alarms    *Alarms   `yaml:"alarms,omitempty"`
}

// Network is how what runs inside the VPC reaches the outside.
type Network struct {
	// Egress is public (a public address, nothing comes in), endpoints (interface endpoints for the services in use), nat (a NAT gateway), or existing (a network of yours). Default public; prod must say it.
	Egress string `yaml:"egress,omitempty" jsonschema:"enum=public,enum=endpoints,enum=nat,enum=existing"`
	// Zones is how many availability zones the network spans. Default 2.
	Zones int `yaml:"zones,omitempty" jsonschema:"minimum=2,maximum=3"`
}

// Retention is how long things are kept.
type Retention struct {
	// LogsDays is how many days logs are kept. Default 30.
	LogsDays int `yaml:"logs_days,omitempty" jsonschema:"enum=1,enum=3,enum=5,enum=7,enum=14,enum=30,enum=60,enum=90,enum=120,enum=150,enum=180,enum=365,enum=400,enum=545,enum=731"`
	// Snapshots is the age up to which a table can be read as it was. Default 168h.
	Snapshots string `yaml:"snapshots,omitempty"`
}

// Budget is what the stack may cost.
type Budget struct {
	// MonthlyUSD is the ceiling in US dollars a month.
	MonthlyUSD float64 `yaml:"monthly_usd" jsonschema:"minimum=1"`
}

// Alarms is who hears of failures.
type Alarms struct {
	// Email receives the alarms.
	Email string `yaml:"email"`
}
