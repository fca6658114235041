// Command ingest is the program of the ingest image: a Lambda function, or a
// Fargate task (package deployed). It makes the landing tables as their
// contracts say (evolve), loads a source (load) and keeps tables small
// (maintain).
package main

import (
	"os"
	_ "time/tzdata" // the image is empty: no zone data

	_ "golang.org/x/crypto/x509roots/fallback" // and no certificates of authorities

	"github.com/floe-data/floe/runtime/deployed"
)

func main() {
	p := &program{memory: deployed.Memory()}
	deployed.HoldMemory(p.memory)
	os.Exit(deployed.Main("ingest", os.Args[1:], os.Stdout, p.act))
}
