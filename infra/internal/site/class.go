package site

import (
	"slices"

	"github.com/floe-data/floe/runtime/project"
)

// Tags that tell what a resource holds or does.
const (
	TagLayer     = "floe:layer"      // of buckets and databases
	TagDataClass = "floe:data-class" // of what holds rows: DataClass
	TagWorkflow  = "floe:workflow"   // of a workflow's state machine
)

// Classes of data beside project.Sensitivities.
const (
	Unclassified = "unclassified" // no contract says
	Personal     = "personal"
)

// DataClass is the highest sensitivity that the contracts of a source declare,
// of a table or of a column; of all sources for "".
func (s *Site) DataClass(source string) string {
	highest := -1
	for name, src := range s.Pipelines.Sources {
		if source != "" && name != source {
			continue
		}
		for _, c := range src.Contracts {
			highest = max(highest, rank(c.Sensitivity("")))
			for _, column := range c.Columns {
				highest = max(highest, rank(column.Tags[project.TagSensitivity]))
			}
		}
	}
	if highest < 0 {
		return Unclassified
	}
	return project.Sensitivities[highest]
}

// rank is -1 where nothing is declared.
func rank(sensitivity string) int { return slices.Index(project.Sensitivities, sensitivity) }
