// Package main is the Pulumi program.
package main

func main() {}
