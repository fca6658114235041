// Package athenatest is a stand-in that speaks Athena's API (AWS JSON 1.1) on
// an http.Server of the test's own: submit, states, results in pages, errors,
// stop. It runs no SQL: a script says what each statement answers.
//
// It keeps what it was told, and misbehaves on demand: it throttles, and loses
// answers after it has done what it was asked.
//
// Only the standard library is imported, so that infra's tests can have it too.
package athenatest
