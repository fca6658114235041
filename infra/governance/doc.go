// Package governance says in Lake Formation who may read and write the stack's
// tables, as live/<stack>/access.yaml and the tags of contracts and models do.
//
//	tags        layer, schema, domain, sensitivity: of the stack only
//	locations   the data buckets are Lake Formation's, which reads them as the role lake
//	grants      by expressions of tags: floe's own roles, and readers of whole schemas
//	closing     what IAM alone would allow is taken away from our databases
//	govern      a function that tags tables and columns, and grants by table
//	reader      the IAM policy that whoever reads attaches to a role
//
// Pulumi owns what is known before there are tables; the function owns what
// needs tables to be there. Closing is done by the program itself, at every
// deployment: the provider cannot say that new tables are open to nobody (it
// takes an empty list for none), and does not see what somebody granted by hand.
//
// What runtime/governance declares is this package's, too: keys and values of
// tags are its.
package governance
