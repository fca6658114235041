package lakehouse

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue"

	"github.com/floe-data/floe/runtime/fault"
)

// glueWait is how long a commit that was cut off asks what became of it.
const glueWait = 30 * time.Second

// openGlue opens a deployed stack's lake. It calls nothing yet.
func openGlue(o Options) (*Lake, error) {
	g := *o.Glue
	if g.Project == "" || g.Stack == "" {
		return nil, fault.New(fault.Usage, fmt.Errorf("open a deployed lake: project %q and stack %q must both be set", g.Project, g.Stack), "")
	}
	if g.Config.Region == "" {
		return nil, fault.New(fault.Usage, errors.New("open a deployed lake: no AWS region is set"), "set AWS_REGION, or a region in the AWS profile")
	}
	files, err := newS3Files(g.Config)
	if err != nil {
		return nil, err
	}
	o.LockTimeout = max(o.LockTimeout, glueWait)
	c := &glueCatalog{client: glue.NewFromConfig(g.Config), project: g.Project, stack: g.Stack, roots: map[string]string{}}
	return newLake(o, c, files, ""), nil
}
