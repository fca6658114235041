package policy

import (
	"slices"
	"strings"
)

const keyType = "kms/key:Key"

var keyRules = []Rule{
	{Row: 18, Title: "keys are rotated", IDs: []string{"KMS.4", "CKV_AWS_7"}, Severity: Must, Fix: "set enableKeyRotation", Check: want(keyType, "enableKeyRotation", true)},
	{Row: 19, Title: "a key's policy names who, and no statement both administers and uses", IDs: []string{"KMS.5", "CKV_AWS_33", "CKV2_AWS_64"}, Severity: Must,
		Fix: "write the key's policy: statements of their own for administration and for use", Check: keyPolicies},
	{Row: 20, Title: "a key is deleted after 30 days at the earliest, and has a name", IDs: []string{"KMS.3", "CKV_AWS_227"}, Severity: Must,
		Fix: "set deletionWindowInDays to 30 and give the key an alias", Check: slowDeletion},
	{Row: 21, Title: "nobody may decrypt with all keys", IDs: []string{"KMS.1", "KMS.2", "CKV_AWS_355"}, Severity: Must,
		Fix: "name the keys in the role's policy", Check: anyKey},
	{Row: 22, Title: "keys are used through the services that they are for", Severity: Prod,
		Fix: "condition the statement on kms:ViaService or kms:EncryptionContext", Check: through},
	{Row: 23, Title: "each layer has a key of its own, and operations have another", Severity: Must,
		Fix: "give the layer's bucket its own key", Check: keyPerLayer},
}

// uses are the actions that read or write with a key.
var uses = []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom"}

func (s statement) usesKey() bool { return slices.ContainsFunc(uses, s.has) }

func keyPolicies(p *Plan) []Finding {
	apart := each(p.of("kms/keyPolicy:KeyPolicy"), func(r resource) []Finding { return wide(r, "policy") })
	return append(apart, each(p.of(keyType), func(k resource) []Finding {
		policy := k.policies["policy"]
		if len(policy) == 0 {
			return one(broken(k, "policy", "", "a policy; without one the account's administrators may decrypt"))
		}
		all := wide(k, "policy")
		for _, s := range policy {
			if s.allows() && s.usesKey() && s.has("kms:PutKeyPolicy") && !slices.Contains(s.Action, "kms:*") {
				all = append(all, broken(k, s.name("policy"), "administration and use", "a statement for each"))
			}
		}
		return all
	})...)
}

func slowDeletion(p *Plan) []Finding {
	least := 30.0
	if p.Stack.Platform.Deletable() {
		least = 7
	}
	return each(p.of(keyType), func(k resource) []Finding {
		all := p.beside(k, "kms/alias:Alias", "targetKeyId", func(resource) []Finding { return nil })
		if days := k.number("deletionWindowInDays"); days < least {
			all = append(all, broken(k, "deletionWindowInDays", k.get("deletionWindowInDays"), "%g", least))
		}
		return all
	})
}

// grantsAWS is what a grant is for that a service of AWS keeps for a resource.
var grantsAWS = condition{[]string{"Bool"}, "kms:GrantIsForAWSResource", oneOf("true")}

// decrypts says whether a statement lets somebody decrypt, or hand that on.
func (s statement) decrypts() bool {
	return s.allows() && (s.usesKey() || s.has("kms:CreateGrant") && !s.under(grantsAWS))
}

// anyKeys says whether a pattern of a policy takes in keys that it does not name.
func anyKeys(pattern string) bool {
	part := strings.SplitN(pattern, ":", 6)
	return wild(pattern) && (len(part) < 6 || matches(part[2], "kms"))
}

func anyKey(p *Plan) []Finding {
	return each(p.rolePolicies(), func(r resource) []Finding {
		var all []Finding
		for _, s := range r.policies["policy"] {
			if s.decrypts() && (len(s.NotResource) > 0 || slices.ContainsFunc(s.Resource, anyKeys)) {
				all = append(all, broken(r, s.name("policy"), strings.Join(s.Action, ", ")+" on "+strings.Join(slices.Concat(s.Resource, s.NotResource), ", "), "the ARNs of the keys"))
			}
		}
		return all
	})
}

func through(p *Plan) []Finding {
	return each(p.of(keyType), func(k resource) []Finding {
		var all []Finding
		for _, s := range k.policies["policy"] {
			if s.allows() && s.usesKey() && !s.bound() {
				all = append(all, broken(k, s.name("policy"), "use without a condition", "a condition on kms:ViaService or kms:EncryptionContext, or on the source of a service"))
			}
		}
		return all
	})
}

// bound says whether a use of a key is bound to a service or to what is encrypted.
func (s statement) bound() bool {
	return s.tied("kms:ViaService", "kms:EncryptionContext:*", "aws:SourceArn", "aws:SourceAccount")
}

// keyed finds a property that is no key of the stack's.
func (p *Plan) keyed(r resource, property string) []Finding {
	key := r.text(property)
	if p.ours(keyType, key) {
		return nil
	}
	return one(broken(r, property, key, "a key of the stack's"))
}

// keyOf is the key that a bucket's objects are encrypted by.
func (p *Plan) keyOf(bucket resource) string {
	if bucket.Type == "aws:"+tableBucketType {
		return bucket.text("encryptionConfiguration.kmsKeyArn")
	}
	for _, e := range p.naming(bucket, encryptionType, "bucket") {
		return e.text("rules.0.applyServerSideEncryptionByDefault.kmsMasterKeyId")
	}
	return ""
}

func keyPerLayer(p *Plan) []Finding {
	var all []Finding
	used := map[string]resource{}
	for _, g := range p.of(logGroupType) {
		used[g.text("kmsKeyId")] = g
	}
	for _, b := range p.ofTables() {
		key := p.keyOf(b)
		if other, taken := used[key]; taken && key != "" {
			all = append(all, broken(b, "(its encryption)", key, "a key that %s %s is not encrypted by", other.Type, other.Name))
		}
		used[key] = b
	}
	return all
}
