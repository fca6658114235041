// Package rights says what IAM policies allow, as AWS does (AWS IAM User Guide,
// "Policy evaluation logic" and "IAM JSON policy elements reference"), so that
// tests can hold what roles may do without an account.
//
//	Parse       a policy document; what is not known here is an error, never ignored
//	Decide      whether a request is allowed, and by or against which statement
//	Grants      what a policy allows, piece by piece
//	Grant.Used  whether a request needs just that piece, and nothing narrower would do
//
// A request names its resource exactly, or by a pattern where names vary (the
// files of a table). Then it is allowed only if all of the pattern is, and
// refused if any of it is.
//
// Of AWS's logic it holds one account: identity policies, a permissions
// boundary, and the policy of the resource. There are no organisations, no
// session policies and no policy variables.
package rights
