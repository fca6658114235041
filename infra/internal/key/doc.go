// Package key makes the stack's KMS keys, all in one way: rotated, with an
// alias, with the longest waiting period, and with a policy that lets the
// account look after the key and not read with it. What may be read with a key,
// and through which service, each key says itself.
package key
