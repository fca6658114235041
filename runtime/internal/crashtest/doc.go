// Package crashtest kills, starves and doubles bin/floe and looks at what is left
// (make crash; build tag crash).
//
// Whatever happened to earlier runs, a plain `floe run` must leave the tables
// that one clean run leaves. The moments of the kills are random; the seed is
// printed, and $FLOE_CRASH_SEED repeats it.
package crashtest
