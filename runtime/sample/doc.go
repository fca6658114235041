// Package sample is a server that answers like the Chess.com public API, for
// `make run`, tests and benchmarks: no account, no network, no fixed files.
//
// A World is a pure function of its Config: the same flags give the same bytes
// on any machine, and a larger Config.Games only adds games to what a smaller
// one has. Every game is computed from its number alone, so that a page of a
// million games' world costs no more than its own games; what is kept in memory
// is four bytes per game and player, and a few hundred games' moves.
//
// Moves are legal (board.go) and begin with the opening that the game names;
// a result need not follow from the last position.
//
// Like the real API it has faults: a player whose profile is not there, an
// archive that names a month which is not there, two addresses that answer 429
// once, fields that come and go, null or absent values.
package sample
