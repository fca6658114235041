// Package rest is the declarative REST source: what project.Source says,
// compiled and run.
//
// A resource's requests are its items: one, one for each value of a for_each
// list, or one for each record of a parent resource, whose pages are walked as
// they come and not kept. An item's pages follow each other; items run in
// parallel, but their results come in the order of the items (ordered.go),
// within a budget of bytes (budget.go), so that the cursor state in them means
// the same thing every time.
//
//	items.go      which requests a resource needs
//	chain.go      one item's pages
//	client.go     one request: hosts, retries, rate, redirects; body.go reads the answer
//	decoding.go   pages to batches; new columns are found in the order of pages
//	requests.go   state of incremental scope request; rows.go of scope row
package rest
