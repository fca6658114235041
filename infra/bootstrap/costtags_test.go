package bootstrap

import (
	"net/http"
	"strings"
	"testing"
)

func tagged(stack, project string) string {
	var all []string
	for key, status := range map[string]string{"floe:stack": stack, "floe:project": project} {
		if status != "" {
			all = append(all, `{"TagKey":"`+key+`","Type":"UserDefined","Status":"`+status+`"}`)
		}
	}
	return `{"CostAllocationTags":[` + strings.Join(all, ",") + `]}`
}

func TestCostTags(t *testing.T) {
	for name, tc := range map[string]struct {
		status       int
		answer       string
		set          string // what is activated
		says, fails  string
		unremembered bool
	}{
		"asleep":       {200, tagged("Inactive", "Inactive"), "floe:stack floe:project", made, "", false},
		"one asleep":   {200, tagged("Inactive", "Active"), "floe:stack", made, "", false},
		"awake":        {200, tagged("Active", "Active"), "", there, "", true},
		"never borne":  {200, tagged("", ""), "", "run it again then", "", true},
		"one borne":    {200, tagged("Inactive", ""), "floe:stack", "floe:project: AWS does not know them", "", false},
		"a member":     {400, `{"__type":"com.amazonaws#AccessDeniedException","Message":"Linked account doesn't have access to cost allocation tags."}`, "", "Linked account doesn't have access", "", true},
		"out of order": {500, `{"__type":"InternalFailure","Message":"sorry"}`, "", "", "sorry", true},
		"no JSON":      {502, "bad gateway", "", "", "502", true},
	} {
		t.Run(name, func(t *testing.T) {
			var set string
			a, err := answering(t, place(), func(r *http.Request, body string) (int, string) {
				target := r.Header.Get("X-Amz-Target")
				switch {
				case strings.HasPrefix(target, "TrentService."):
					return 200, "{}"
				case !strings.HasPrefix(target, "AWSInsightsIndexService."):
					return 200, caller(account)
				case !strings.Contains(r.Header.Get("Authorization"), "/ce/aws4_request"):
					t.Errorf("not signed for Cost Explorer: %v", r.Header)
				case strings.HasSuffix(target, ".UpdateCostAllocationTagsStatus"):
					set = body
					return 200, `{"Errors":[]}`
				}
				return tc.status, tc.answer
			})
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			a.Out, a.key = &out, &key{Tags: map[string]string{}}
			err = a.makeCostTags(t.Context())
			if (err == nil) != (tc.fails == "") || err != nil && !strings.Contains(err.Error(), tc.fails) {
				t.Fatalf("got %v", err)
			}
			for _, key := range costKeys {
				if strings.Contains(set, `{"Status":"Active","TagKey":"`+key+`"}`) != strings.Contains(tc.set, key) {
					t.Errorf("set %s, want %s", set, tc.set)
				}
			}
			if !strings.Contains(out.String(), tc.says) || (a.remembered(costTag) == "") != tc.unremembered {
				t.Errorf("said %s, remembers %v", out.String(), a.key.Tags)
			}
			if err := a.removeCostTags(t.Context()); err != nil || a.remembered(costTag) != "" || strings.Contains(set, "Inactive") != (tc.set != "") {
				t.Errorf("taken back: %v, %s, remembers %v", err, set, a.key.Tags)
			}
		})
	}
}

func TestARefusedTagIsTold(t *testing.T) {
	a, err := answering(t, place(), func(r *http.Request, _ string) (int, string) {
		switch target := r.Header.Get("X-Amz-Target"); {
		case strings.HasSuffix(target, ".ListCostAllocationTags"):
			return 200, tagged("Inactive", "Active")
		case strings.HasSuffix(target, ".UpdateCostAllocationTagsStatus"):
			return 200, `{"Errors":[{"TagKey":"floe:stack","Code":"TagKeysNotFoundException","Message":"gone"}]}`
		}
		return 200, caller(account)
	})
	if err != nil {
		t.Fatal(err)
	}
	a.key = &key{Tags: map[string]string{}}
	if err := a.makeCostTags(t.Context()); err == nil || !strings.Contains(err.Error(), "floe:stack: gone") || a.remembered(costTag) != "" {
		t.Errorf("got %v, remembers %v", err, a.key.Tags)
	}
}
