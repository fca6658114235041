package preflight

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/secrets"
)

// emptySecrets finds sources whose secret has no value: what loads them would
// fail. Before the first deployment there is none to fill.
func emptySecrets(ctx context.Context, a *account) []Finding {
	const what = "secrets"
	var need []string
	for _, source := range slices.Sorted(maps.Keys(a.Project.Sources)) {
		if a.Project.Sources[source].Client.Auth != nil {
			need = append(need, source)
		}
	}
	if len(need) == 0 {
		return []Finding{ok(what, "no source needs one")}
	}
	ctx, cancel := within(ctx)
	defer cancel()
	have, err := secrets.NewStore(a.Config, a.place.Project, a.place.Stack).List(ctx)
	if err != nil {
		return []Finding{unasked(what, "secretsmanager:ListSecrets", err)}
	}
	var set []string
	var found []Finding
	for _, source := range need {
		switch secret, made := have[source]; {
		case !made:
			found = append(found, warn(what, "make deploy STACK="+a.Stack.Name+" makes it empty; then "+secrets.Next(source, a.Stack.Name), "source %s has none yet", source))
		case !secret.Set:
			found = append(found, bad(what, secrets.Next(source, a.Stack.Name), "that of source %s is empty: %s", source, secret.Name))
		default:
			set = append(set, source)
		}
	}
	if len(set) > 0 {
		found = append([]Finding{ok(what, "set: %s", strings.Join(set, ", "))}, found...)
	}
	return found
}
