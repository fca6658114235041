package ingest

import (
	"time"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/project"
)

// RowsKept is how long the contracts of a project keep the rows of landing
// tables, and of those of their rejected rows; tables whose rows are kept for
// ever are left out.
func RowsKept(p *project.Project) map[lakehouse.Name]time.Duration {
	kept := map[lakehouse.Name]time.Duration{}
	for _, s := range p.Sources {
		for _, c := range s.Contracts {
			if age := c.RowsKept(); age > 0 {
				landing := SpecOf(c).Name
				kept[landing], kept[RejectedOf(landing)] = age, age
			}
		}
	}
	return kept
}
