// Package lambda runs one invocation of a function whose code is an image: it
// starts the image's program, serves it the Lambda Runtime API and gives back
// what Lambda would answer the caller.
//
// Every invocation is a cold start: the program is ended after its answer.
package lambda
