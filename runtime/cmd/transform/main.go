// Command transform builds and tests the models of a stack with Athena: as a
// Lambda function, or once for the task that is its argument (package deployed).
package main

import (
	"os"
	_ "time/tzdata" // Athena gives times in named zones, and the image has no zones of its own

	_ "golang.org/x/crypto/x509roots/fallback" // nor certificates

	"github.com/floe-data/floe/runtime/deployed"
)

func main() {
	deployed.HoldMemory(deployed.Memory())
	os.Exit(deployed.Main("transform", os.Args[1:], os.Stdout, act))
}
