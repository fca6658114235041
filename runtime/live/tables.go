package live

import (
	"slices"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/yamlfile"
)

// untransformed refuses workflows that build models in a stack whose tables are
// in an S3 table bucket: a model is built aside and takes its table's place in
// one step, and there no table's files can become another's.
func (c *checker) untransformed(f *yamlfile.File) {
	if c.stack.Platform.Tables != environment.S3Tables {
		return
	}
	for i, w := range c.stack.Pipelines.Workflows {
		own := c.project.Workflows[w.Name]
		if own == nil {
			continue
		}
		if at := slices.IndexFunc(own.Steps, func(s project.Step) bool { return s.Transform != nil }); at >= 0 {
			f.Errorf(yamlfile.Key("workflows", i, "name"), "found workflow %s, whose step %s transforms, but platform.yaml says tables: s3tables, where no models are built, only loads and maintenance run; list other workflows only, or write tables: glue",
				w.Name, own.Steps[at].Name)
		}
	}
}
