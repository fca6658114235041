package main

import (
	"context"

	"github.com/floe-data/floe/runtime/ingest"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/maintenance"
	"github.com/floe-data/floe/runtime/orchestrate"
)

// maintain keeps the tables of the task's schemas small and quick.
func maintain(ctx context.Context, j *job) (orchestrate.Outcome, error) {
	act, err := maintenance.ActOf(j.Task.KeepSnapshots, j.Task.OrphansAfter)
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	names, err := maintenance.TablesOf(ctx, j.lake, j.Task.Schemas)
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	if by := j.lake.Remover(); by != "" {
		j.Log.Info("orphans and the files of expired snapshots are left to "+by, "tables", len(names))
	}
	result, err := maintenance.Run(ctx, j.lake, names, maintenance.Options{Act: act, Kept: ingest.RowsKept(j.project), Done: j.Task.Done, Until: j.Until, Stop: j.Stop,
		Begin: func(n lakehouse.Name) { j.Log.Info("maintain", "table", n.String()) },
		End: func(t maintenance.Table, err error) {
			if err != nil {
				j.Log.Warn("not maintained", "table", t.Table, "error", err.Error())
				return
			}
			j.Log.Info("maintained", "table", t.Table, "rows_removed", t.RowsRemoved, "snapshots_expired", t.SnapshotsExpired, "files_compacted", t.FilesCompacted,
				"files_written", t.FilesWritten, "orphans_removed", t.OrphansRemoved, "bytes_freed", t.BytesFreed)
		}})
	return orchestrate.Outcome{Finished: err == nil && result.Finished, Done: result.Done, Summary: result.Tables}, err
}
