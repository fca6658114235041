package live

import "time"

// Waivers is live/<stack>/waivers.yaml: which rules of docs/security.md do not
// hold here, and why that is right.
type Waivers struct {
	Version int `yaml:"version" jsonschema:"enum=1"`
	// Waivers by rule and resource. Default none.
	Waivers []Waiver `yaml:"waivers,omitempty"`
}

// Waiver takes resources out of a rule. One that nothing needs, or that is over, is refused.
type Waiver struct {
	// Rule is the rule's number in docs/security.md: "61".
	Rule string `yaml:"rule" jsonschema:"pattern=^[0-9]{1\\,3}$"`
	// Resource is a pattern of what is taken out, by type and name, where * stands for anything: aws:ecs/* or *transform. Default *.
	Resource string `yaml:"resource,omitempty"`
	// Reason is why the rule need not hold.
	Reason string `yaml:"reason"`
	// Owner is who decided so.
	Owner string `yaml:"owner"`
	// Until is the last day that it is good for: 2027-06-30.
	Until string `yaml:"until" jsonschema:"pattern=^[0-9]{4}-[0-9]{2}-[0-9]{2}$"`
}

// Expires is when the waiver ends: the start of the day after Until, in UTC.
func (w Waiver) Expires() time.Time {
	day, err := time.Parse(time.DateOnly, w.Until)
	if err != nil {
		return time.Time{} // refused by Load already
	}
	return day.AddDate(0, 0, 1)
}
