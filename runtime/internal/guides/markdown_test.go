package guides

import (
	"reflect"
	"testing"
)

func TestBlocks(t *testing.T) {
	text := "Hi\n```sh\nmake run\n```\n\n<!-- write: a/b.yaml -->\n```yaml\nx: 1\n```\n<!-- append: c -->\nwords between\n```\ny\n```\n<!-- append: d -->\n\n```yaml\nz\n```\n"
	got, err := Blocks(text)
	want := []Block{
		{Line: 3, Language: "sh", Text: "make run\n"},
		{Line: 8, Language: "yaml", Write: "a/b.yaml", Text: "x: 1\n"},
		{Line: 13, Text: "y\n"},
		{Line: 18, Language: "yaml", Append: "d", Text: "z\n"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v", got, err)
	}
	if _, err := Blocks("```sh\nmake"); err == nil {
		t.Fatal("an open block was taken")
	}
}
