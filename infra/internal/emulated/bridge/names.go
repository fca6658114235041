package bridge

import "strings"

// camel is a Terraform name as Pulumi writes it: kms_key_id is kmsKeyId.
func camel(s string) string {
	parts := strings.Split(s, "_")
	for i := 1; i < len(parts); i++ {
		if parts[i] != "" {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
	}
	return strings.Join(parts, "")
}

func plurals(s string) []string {
	out := []string{s + "s", s + "es"}
	if strings.HasSuffix(s, "y") {
		out = append(out, strings.TrimSuffix(s, "y")+"ies")
	}
	return out
}

func singulars(s string) []string {
	var out []string
	for _, e := range []struct{ plural, singular string }{{"ies", "y"}, {"es", ""}, {"s", ""}} {
		if strings.HasSuffix(s, e.plural) {
			out = append(out, strings.TrimSuffix(s, e.plural)+e.singular)
		}
	}
	return out
}

// candidates are the Pulumi names that a Terraform name may have, likeliest first.
func candidates(tf, renamed string, collection bool) []string {
	c := camel(tf)
	var out []string
	if renamed != "" {
		out = append(out, renamed)
	}
	if collection {
		out = append(out, plurals(c)...)
	}
	out = append(append(out, c), singulars(c)...)
	return append(out, plurals(c)...)
}
