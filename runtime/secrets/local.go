package secrets

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
)

// Local is a source's secret on the laptop, "" where it is not set.
func Local(source string) string { return cut(os.Getenv(environment.LocalSecret(source))) }

// LocalNext is how to set a source's secret on the laptop.
func LocalNext(source string) string {
	return "export " + environment.LocalSecret(source) + "=…"
}

// Next is how to set a source's secret in a stack.
func Next(source, stack string) string {
	return fmt.Sprintf("floe secret set %s --stack %s", source, stack)
}

// MaxValue is the longest value that Secrets Manager takes, in bytes.
const MaxValue = 65536

// Check gives a value as it is kept: without the line end that an editor or
// echo adds. An empty value and one that is too long are refused.
func Check(value string) (string, error) {
	value = cut(value)
	switch {
	case value == "":
		return "", fault.New(fault.Usage, errors.New("the secret is empty"), "write its value to the standard input")
	case len(value) > MaxValue:
		return "", fault.New(fault.Usage, fmt.Errorf("the secret has more than %d bytes, which Secrets Manager does not take", MaxValue), "a source's secret is one text: a token, a key or a password")
	}
	return value, nil
}

// cut takes one line end off.
func cut(value string) string {
	if rest, ok := strings.CutSuffix(value, "\n"); ok {
		return strings.TrimSuffix(rest, "\r")
	}
	return value
}
