// Package secrets gives a source its secret: one text, such as a token, a key
// or a password.
//
// On the laptop it is the environment variable FLOE_SECRET_<SOURCE>. In a
// stack it is a secret of Secrets Manager, which infra makes empty, so that its
// value is in no state and no preview; `floe secret set` fills it, and a
// deployed program reads it by its ARN. It is found by its tags, for its name
// is infra's.
//
// A value is never logged and stands in no error.
package secrets
