package platform

import (
	"regexp"
)

// reviews are rights that nothing was seen to need and that roles have all the
// same: whose, what (the line that TestRights tells) and why. The cloud tests
// take the usual way; these are for the others.
var reviews = []struct{ role, what, why string }{
	{"^(task-)?ingest-|^evolve|^maintain|^(task-)?transform", `Files s3:abortmultipartupload `, "a file of several parts whose upload is broken off: the tests' files have one part"},
	{"^evolve", `Files s3:deleteobject `, "what was written for a commit that then fails is removed"},
	{"^evolve|^(task-)?ingest-", `List s3:prefix=`, "the prefix limits a right that is used without one; whether S3 names one where a file is missing is not documented"},
	{"^(task-)?transform", `^Queries athena:stopqueryexecution `, "a run that is interrupted stops its queries"},
	{"^replication", `Key kms:encryptioncontext:aws:s3:arn=.*/\*$`, "an object that was written without the bucket's key (a part of S3's own copies) is encrypted in its own name"},
	{"^govern", `^LakeFormation lakeformation:revokepermissions `, "a grant that somebody made by hand is taken away"},
	{"^govern", `^LakeFormation lakeformation:updatedatacellsfilter `, "the rows or columns of a grant that is there change"},
	{"^govern", `^Catalog glue:gettable `, "a table that goes while it is granted is told from one that may not be"},
	{"^(task-)?ingest-|^evolve|^maintain", `Tables s3tables:gettable `, "what AWS's policies for who reads a table name beside GetTableData, whether or not it is asked"},
	{"^(task-)?ingest-|^evolve|^maintain", `Key kms:viaservice=s3tables`, "whether a table bucket's key is asked for by S3 or by S3 Tables is not documented"},
	{"^backup", ``, "what AWS's managed policies for AWS Backup say of RDS; nothing here acts as AWS Backup does"},
}

// review is what of the reviewed list was found.
type review struct{ used map[int]bool }

func (r review) holds(role, line string) bool {
	found := false
	for i, v := range reviews {
		if regexp.MustCompile(v.role).MatchString(role) && regexp.MustCompile(v.what).MatchString(line) {
			r.used[i], found = true, true
		}
	}
	return found
}

// rest are the entries that nothing needed.
func (r review) rest() []string {
	var all []string
	for i, v := range reviews {
		if !r.used[i] {
			all = append(all, v.role+" "+v.what+": "+v.why)
		}
	}
	return all
}
