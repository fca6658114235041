package live

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/yamlfile"
)

// Production is the stack that must say what the others need not.
const Production = "prod"

// Layers are the schemas that models fill in every stack.
var Layers = []string{"staging", "intermediate", "marts"}

var (
	accountForm    = regexp.MustCompile(`^[0-9]{12}$`)
	emailForm      = regexp.MustCompile(`^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$`)
	vpcForm        = regexp.MustCompile(`^vpc-([0-9a-f]{8}|[0-9a-f]{17})$`)
	subnetForm     = regexp.MustCompile(`^subnet-([0-9a-f]{8}|[0-9a-f]{17})$`)
	repositoryForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,38}(/[A-Za-z0-9._-]{1,100}|@[0-9]{1,20}/[A-Za-z0-9._-]{1,100}@[0-9]{1,20})$`)
	boundaryForm   = regexp.MustCompile(`^arn:aws(-[a-z]+)*:iam::([0-9]{12}|aws):policy/[\w+=,.@/-]+$`)
	databaseForm   = regexp.MustCompile(`^arn:aws(-[a-z]+)*:rds:[a-z0-9-]+:[0-9]{12}:(db|cluster):[a-z][a-z0-9-]{0,62}$`)
	clusterForm    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
)

func (c *checker) platform() *yamlfile.File {
	p := &c.stack.Platform
	f := c.read("platform.yaml", p)
	switch {
	case p.Account == "" && c.stack.Name == Production:
		f.Errorf("account", "missing; prod must say its account, so that nothing is done in another: write account: \"123456789012\"")
	case p.Account != "" && !accountForm.MatchString(p.Account):
		f.Errorf("account", "found %q; write the account's twelve digits, in quotes", p.Account)
	}
	if p.Network.Egress == "" && c.stack.Name == Production {
		f.Errorf("network.egress", "missing; prod must say how it reaches the outside: write network: {egress: endpoints}, or nat, existing or public")
	}
	p.defaults(c.stack.Name)
	existing(f, &p.Network)
	for i, name := range p.Schemas {
		if key := yamlfile.Key("schemas", i); !schemaForm.MatchString(name) {
			f.Errorf(key, "found %q; write a schema such as reports, in lower case", name)
		} else if strings.HasPrefix(name, landing) {
			f.Errorf(key, "found %s, but %s is how a source's own schema begins; name it otherwise", name, landing)
		} else if slices.Contains(Layers, name) || slices.Index(p.Schemas, name) < i {
			f.Errorf(key, "found %s, which is there already; remove it", name)
		}
	}
	sizes(f, &p.Sizes)
	if _, err := project.ParseDuration(p.Retention.Snapshots); err != nil {
		f.Errorf("retention.snapshots", "%v", err)
	}
	safety(f, p, c.stack)
	if p.Alarms != nil && !emailForm.MatchString(p.Alarms.Email) {
		f.Errorf("alarms.email", "found %q; write one e-mail address", p.Alarms.Email)
	}
	return f
}

// defaults fills in what the file leaves out.
func (p *Platform) defaults(stack string) {
	deletion := "allowed"
	if stack == Production {
		deletion = "refused"
	}
	p.Architecture, p.Deletion = cmp.Or(p.Architecture, "arm64"), cmp.Or(p.Deletion, deletion)
	p.Network.Egress, p.Network.Zones = cmp.Or(p.Network.Egress, "public"), cmp.Or(p.Network.Zones, 2)
	fn, task := &p.Sizes.Function, &p.Sizes.Task
	fn.MemoryMB, fn.DiskMB = cmp.Or(fn.MemoryMB, 1024), cmp.Or(fn.DiskMB, 2048)
	task.CPU, task.MemoryMB = cmp.Or(task.CPU, 256), cmp.Or(task.MemoryMB, 1024)
	p.Athena.MBPerQuery, p.Athena.GBPerDay = cmp.Or(p.Athena.MBPerQuery, 100_000), cmp.Or(p.Athena.GBPerDay, 1_000)
	p.Tables = cmp.Or(p.Tables, environment.Glue)
	if stack == Production {
		p.Audit = cmp.Or(p.Audit, "trail")
	}
	p.Audit = cmp.Or(p.Audit, "none")
	if p.Backup != nil {
		p.Backup.KeepDays = cmp.Or(p.Backup.KeepDays, 35)
	}
	p.Retention.LogsDays, p.Retention.Snapshots = cmp.Or(p.Retention.LogsDays, 30), cmp.Or(p.Retention.Snapshots, "168h")
}

// existing checks the network that is the user's own.
func existing(f *yamlfile.File, n *Network) {
	e := n.Existing
	switch {
	case n.Egress != "existing" && e != nil:
		f.Errorf("network.existing", "found an existing network, but egress is %s; write egress: existing, or remove it", n.Egress)
		return
	case n.Egress != "existing":
		return
	case e == nil || len(e.Tags) == 0 && (e.VPC == "" || len(e.Subnets) == 0):
		f.Errorf("network.existing", "missing; egress existing needs the network: write existing: {vpc: vpc-…, subnets: [subnet-…, subnet-…]}, or existing: {tags: {Name: data}}")
		return
	case len(e.Tags) > 0 && (e.VPC != "" || len(e.Subnets) > 0):
		f.Errorf("network.existing.tags", "found tags and ids; keep one of the two")
	}
	if e.VPC != "" && !vpcForm.MatchString(e.VPC) {
		f.Errorf("network.existing.vpc", "found %q; write the VPC's id: vpc-0123456789abcdef0", e.VPC)
	}
	for i, id := range e.Subnets {
		if !subnetForm.MatchString(id) {
			f.Errorf(yamlfile.Key("network", "existing", "subnets", i), "found %q; write a subnet's id: subnet-0123456789abcdef0", id)
		}
	}
	if e.Cluster != "" && !clusterForm.MatchString(e.Cluster) {
		f.Errorf("network.existing.cluster", "found %q; write the cluster's name, not its ARN", e.Cluster)
	}
}

// pairs are the least, the greatest and the step of a Fargate task's memory by
// its CPU (Amazon ECS, "Task size").
var pairs = map[int][3]int{
	256: {512, 2048, 0}, 512: {1024, 4096, 1024}, 1024: {2048, 8192, 1024}, 2048: {4096, 16384, 1024},
	4096: {8192, 30720, 1024}, 8192: {16384, 61440, 4096}, 16384: {32768, 122880, 8192},
}

func sizes(f *yamlfile.File, s *Sizes) {
	t := s.Task
	p, ok := pairs[t.CPU]
	if !ok {
		return // the file's form tells
	}
	least, greatest, step := p[0], p[1], p[2]
	fits := t.MemoryMB >= least && t.MemoryMB <= greatest && (step == 0 || (t.MemoryMB-least)%step == 0)
	choice := fmt.Sprintf("%d to %d in steps of %d", least, greatest, step)
	if step == 0 {
		fits, choice = fits && (t.MemoryMB == 512 || t.MemoryMB == 1024 || t.MemoryMB == 2048), "512, 1024 or 2048"
	}
	if !fits {
		f.Errorf("sizes.task.memory_mb", "found %d, which Fargate does not have with cpu %d; write %s", t.MemoryMB, t.CPU, choice)
	}
}

// safety checks who answers for the stack, and what guards it.
func safety(f *yamlfile.File, p *Platform, s *Stack) {
	if s.Name == Production && p.Owner == "" {
		f.Errorf("owner", "missing; prod must say who answers for it: write owner: data-team")
	}
	switch o := p.Objectives; {
	case o == nil && s.Name == Production:
		f.Errorf("objectives", "missing; prod must say what a loss may cost: write objectives: {rto: 4h, rpo: 24h}")
	case o != nil:
		for key, text := range map[string]string{"rto": o.RTO, "rpo": o.RPO} {
			if _, err := project.ParseDuration(text); err != nil {
				f.Errorf("objectives."+key, "%v", err)
			}
		}
	}
	for i, name := range p.Domains {
		if !schemaForm.MatchString(name) {
			f.Errorf(yamlfile.Key("domains", i), "found %q; write a domain such as sales, in lower case", name)
		}
	}
	if p.Replica != nil {
		if !regionForm.MatchString(p.Replica.Region) {
			f.Errorf("replica.region", "found %q; write a region such as eu-west-1", p.Replica.Region)
		} else if p.Replica.Region == s.Region {
			f.Errorf("replica.region", "found %s, which is the stack's own; write another: the copy is for the loss of this one", s.Region)
		}
	}
	if p.Backup != nil {
		for i, arn := range p.Backup.Databases {
			if !databaseForm.MatchString(arn) {
				f.Errorf(yamlfile.Key("backup", "databases", i), "found %q; write the ARN of an RDS instance or cluster: arn:aws:rds:eu-west-1:123456789012:db:shop", arn)
			}
		}
	}
	if b := p.PermissionsBoundary; b != "" && !boundaryForm.MatchString(b) {
		f.Errorf("permissions_boundary", "found %q; write the ARN of an IAM policy: arn:aws:iam::123456789012:policy/boundary", b)
	}
	if p.Repository != "" && !repositoryForm.MatchString(p.Repository) {
		f.Errorf("repository", "found %q; write GitHub's organisation and name, acme/data-platform, or with ids, acme@123456/data-platform@456789, where its tokens have them: gh api repos/acme/data-platform/actions/oidc/customization/sub", p.Repository)
	}
}
