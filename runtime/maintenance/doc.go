// Package maintenance keeps many tables small and quick, one after another:
// what floe maintain does on the laptop and the act maintain in a stack.
//
// Rows that are older than their contract keeps them go first (Options.Kept),
// and their bytes with the snapshots that expire.
//
// One table's error does not stop the others; it is told at the end, with all
// others. Where time is short a run hands over: it tells which tables are done,
// and the next run leaves them out. A table may take half of the time that is
// left while others wait, so that a large one does not starve them.
package maintenance
