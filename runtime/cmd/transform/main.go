// Command transform builds and tests the models of a stack with Athena, and
// governs who may read what they and the sources fill: as a Lambda function, or
// once for the task that is its argument (package deployed).
//
// As a task, it builds everything that does not depend on a model that failed,
// and fails in the end. As a function, it does so within one call only: the
// step ends with the call in which a model failed, so that what later calls
// would have built is not begun. Mended and redriven, the step goes on with
// what is not done.
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
