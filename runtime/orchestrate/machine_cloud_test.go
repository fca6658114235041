//go:build cloud

package orchestrate

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// validate asks npm's asl-validator, which lies in the folder that FLOE_ASL names.
func validate(t *testing.T, definition []byte) (string, error) {
	t.Helper()
	folder := os.Getenv("FLOE_ASL")
	if folder == "" {
		t.Fatal("FLOE_ASL is empty; it names the folder in which npm has put asl-validator: npm install --prefix FOLDER asl-validator@4.0.0")
	}
	file := filepath.Join(t.TempDir(), "machine.asl.json")
	if err := os.WriteFile(file, definition, 0o600); err != nil {
		t.Fatal(err)
	}
	script := `const v = require("asl-validator")(JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")));
if (!v.isValid) { console.log(v.errorsText()); process.exit(1); }`
	cmd := exec.CommandContext(t.Context(), "node", "-e", script, file)
	cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(folder, "node_modules"))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestValidator(t *testing.T) {
	for _, g := range goldens {
		text, err := os.ReadFile(filepath.Join("testdata", g.name+".asl.json"))
		if err != nil {
			t.Fatal(err)
		}
		if out, err := validate(t, text); err != nil {
			t.Errorf("%s: %v\n%s", g.name, err, out)
		}
	}
}

// TestValidatorRefuses shows that it looks at what matters here.
func TestValidatorRefuses(t *testing.T) {
	text, err := os.ReadFile("testdata/chess.asl.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, edit := range [][2]string{
		{`"Default": "ingest"`, `"Default": "ingestion"`},
		{`"Resource": "arn:aws:states:::lambda:invoke",`, ``},
		{`"done.$": "$.Payload.done"`, `"done.$": "Payload.done"`},
		{`"Type": "Choice"`, `"Type": "Pick"`},
	} {
		broken := strings.Replace(string(text), edit[0], edit[1], 1)
		if broken == string(text) {
			t.Fatalf("%s is not there", edit[0])
		}
		if out, err := validate(t, []byte(broken)); err == nil || out == "" || strings.Contains(out, "Cannot find module") {
			t.Errorf("%s -> %s: %v %s", edit[0], edit[1], err, out)
		}
	}
}
