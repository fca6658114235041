package fault

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestCodeAndNextTravelWithWrapping(t *testing.T) {
	cause := errors.New("bad rows")
	inner := New(Contract, cause, "floe plan")
	outer := fmt.Errorf("load players: %w", inner)
	for _, tc := range []struct {
		name string
		err  error
		code int
		next string
	}{
		{"nil", nil, 0, ""},
		{"unmarked", cause, 1, ""},
		{"marked", inner, 3, "floe plan"},
		{"wrapped", outer, 3, "floe plan"},
		{"the outer mark wins", New(Usage, outer, ""), 2, "floe plan"},
		{"the outer advice wins", New(Failed, outer, "floe doctor"), 1, "floe doctor"},
		{"nil stays nil", New(Usage, nil, "x"), 0, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if Code(tc.err) != tc.code || Next(tc.err) != tc.next {
				t.Errorf("code %d next %q, want %d %q", Code(tc.err), Next(tc.err), tc.code, tc.next)
			}
		})
	}
	if !errors.Is(outer, cause) {
		t.Error("the cause is lost")
	}
}

func TestTell(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want string
		code int
	}{
		{nil, "", 0},
		{errors.New("no"), "error: no\n", 1},
		{fmt.Errorf("read: %w", New(Usage, errors.New("no"), "write it")), "error: read: no\nnext:  write it\n", 2},
	} {
		var b strings.Builder
		if code := Tell(&b, tc.err); code != tc.code || b.String() != tc.want {
			t.Errorf("%v: %d %q, want %d %q", tc.err, code, b.String(), tc.code, tc.want)
		}
	}
}
