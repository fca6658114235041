package aws

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// Resource is something that the account holds.
type Resource struct {
	Service string `json:"service"` // as requests are signed: kms
	Kind    string `json:"kind"`    // key
	ID      string `json:"id"`
	State   string `json:"state"` // PendingDeletion, INACTIVE; "" where there is but one
}

func (r Resource) String() string {
	if r.State == "" {
		return fmt.Sprintf("%s %s %s", r.Service, r.Kind, r.ID)
	}
	return fmt.Sprintf("%s %s %s %s", r.Service, r.Kind, r.ID, r.State)
}

// Residue lists, over the APIs, all that the account holds in the region of the
// kinds that programs deploy, except what every account has from the start.
func (a *Account) Residue(ctx context.Context, region string) ([]Resource, error) {
	if region == "" {
		region = a.options.Region
	}
	var out []Resource
	if err := a.do(ctx, http.MethodGet, "/_emulated/residue?"+url.Values{"region": {region}}.Encode(), "", nil, nil, &out); err != nil {
		return nil, fmt.Errorf("listing what the account holds: %w", err)
	}
	return out, nil
}
