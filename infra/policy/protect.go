package policy

import "github.com/floe-data/floe/runtime/live"

// lasting are the types that hold what cannot be made again, with the property
// that forces their deletion.
var lasting = []struct {
	token  string
	force  string
	retain bool // it stays in AWS when it leaves the program, too
}{
	{bucketType, "forceDestroy", true},
	{tableBucketType, "", true},
	{keyType, "", true},
	{databaseType, "", true},
	{vaultType, "forceDestroy", true},
	{repositoryType, "forceDelete", false},
}

func protected(p *Plan) []Finding {
	if p.Stack.Platform.Deletable() {
		return nil
	}
	var all []Finding
	for _, kind := range lasting {
		for _, r := range p.of(kind.token) {
			if !r.Protect {
				all = append(all, broken(r, "protect (option)", false, "true, as live/%s/platform.yaml refuses deletion", live.Folder(p.Stack.Name)))
			}
			if kind.retain && !r.Retain {
				all = append(all, broken(r, "retainOnDelete (option)", false, "true, as live/%s/platform.yaml refuses deletion", live.Folder(p.Stack.Name)))
			}
			if kind.force != "" && r.flag(kind.force) {
				all = append(all, broken(r, kind.force, true, "false"))
			}
		}
	}
	return all
}
