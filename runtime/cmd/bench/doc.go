// Command bench measures the main job (make bench): a million games of the
// sample server, which is a process of its own, into Iceberg tables and marts;
// rows per CPU second, peak memory and bytes written, for ingest and transform,
// beside dlt loading the same pages into an Iceberg table.
//
// CPU seconds are user and system time of the measured process and what it
// waited for, from wait4, start-up included and the server excluded. They are
// the steadier figure: wall time depends on what else the machine does.
//
//	go run ./cmd/bench                       the claims: 1,000,000 games, 50,000 for dlt
//	go run ./cmd/bench --games 20000         a quick look
//	go run ./cmd/bench --rival=false         without Python
//
// It exits 1 where a row count is wrong or a claim of the README does not hold.
package main
