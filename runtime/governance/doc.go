// Package governance says who may read what of a stack's tables, and why.
//
// It joins what is declared: the tags of contracts and models (a table's
// domain, each column's sensitivity) and the grants of live/<stack>/access.yaml.
// What comes out is the same for all that use it: the tags and grants that Lake
// Formation should hold (runtime/governance/lake makes them so), and the matrix
// of who reads which columns and rows (floe access).
//
// It fails closed: a column that nobody classified is Unclassified, which no
// grant by tags reads, and whoever is not granted anything reads nothing.
//
// It is pure: no AWS, no transformation, no tables; infra is made of it, too.
package governance
