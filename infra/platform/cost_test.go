package platform

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/images"
	"github.com/floe-data/floe/infra/plan"
)

// TestCeiling: what would cost more than live/ allows is refused before an image
// is built, and what costs less is not.
func TestCeiling(t *testing.T) {
	for usd, refused := range map[string]bool{"1": true, "1000": false} {
		root := testProject(t)
		path := filepath.Join(root, "live", "prod", "platform.yaml")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), "monthly_usd: 200", "monthly_usd: "+usd, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		built := 0
		_, err = plan.Resources("floe", "prod", plan.Answers{Region: "eu-west-1", Account: "012345678901"}, func(ctx *pulumi.Context) error {
			return Deploy(ctx, Options{Root: root, Made: none, Lake: nobodys, Build: func(_ context.Context, o images.BuildOptions) (*images.Built, error) {
				built++
				return nil, errors.New("built")
			}})
		})
		if err == nil {
			t.Fatal("the build's own error is lost")
		}
		said := strings.Contains(err.Error(), "live/prod/platform.yaml: budget.monthly_usd: found $1.00, and this plan would cost $")
		if said != refused || (built == 0) != refused {
			t.Errorf("ceiling of %s dollars: built %d, %v", usd, built, err)
		}
		if refused && (!strings.Contains(err.Error(), "nothing was planned") || !strings.Contains(err.Error(), "make cost STACK=prod")) {
			t.Errorf("found %v", err)
		}
	}
}
