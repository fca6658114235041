package rights

import (
	"fmt"
	"strings"
	"testing"
)

// TestConditions holds AWS's semantics, the odd ones above all (IAM User Guide,
// "Condition operators", "Multiple keys or values", "Set operators").
func TestConditions(t *testing.T) {
	one := func(v string) Context { return Context{"k": {v}} }
	two := func(a, b string) Context { return Context{"k": {a, b}} }
	none := Context{}
	for _, c := range []struct {
		condition string
		context   Context
		want      bool
	}{
		{`{"StringEquals":{"K":["a","b"]}}`, one("b"), true},
		{`{"StringEquals":{"k":"a"}}`, one("A"), false},
		{`{"StringEquals":{"k":"a*"}}`, one("ab"), false},
		{`{"StringEquals":{"k":"a"}}`, none, false},
		{`{"StringEqualsIfExists":{"k":"a"}}`, none, true},
		{`{"StringEqualsIfExists":{"k":"a"}}`, one("b"), false},
		{`{"StringNotEquals":{"k":["a","b"]}}`, one("b"), false},
		{`{"StringNotEquals":{"k":["a","b"]}}`, one("c"), true},
		{`{"StringNotEquals":{"k":"a"}}`, none, true}, // a missing key is not equal
		{`{"StringEqualsIgnoreCase":{"k":"a"}}`, one("A"), true},
		{`{"StringNotEqualsIgnoreCase":{"k":"a"}}`, one("A"), false},
		{`{"StringLike":{"k":"a/*"}}`, one("a/b/c"), true},
		{`{"StringLike":{"k":"a/*"}}`, one("a"), false},
		{`{"StringLike":{"k":"a/*"}}`, one("a*"), false}, // a pattern of which some is not covered
		{`{"StringNotLike":{"k":"a*"}}`, one("ab"), false},
		{`{"StringNotLike":{"k":"a*"}}`, none, true},
		{`{"StringNotLike":{"k":"ab"}}`, one("a*"), false}, // some of it is like that
		{`{"ArnLike":{"k":"arn:aws:ecs:r:1:task/c/*"}}`, one("arn:aws:ecs:r:1:task/c/x:y"), true},
		{`{"ArnLike":{"k":"arn:aws:ecs:*:task/c"}}`, one("arn:aws:ecs:r:1:task/c"), false}, // a * takes one part
		{`{"ArnEquals":{"k":"arn:aws:ecs:*:*:task/c"}}`, one("arn:aws:ecs:r:1:task/c"), true},
		{`{"ArnEquals":{"k":"arn:aws:ecs:r:1:task/c"}}`, one("no ARN"), false},
		{`{"ArnNotEquals":{"k":"arn:aws:iam::1:role/a"}}`, none, true},
		{`{"ArnNotLike":{"k":"arn:aws:iam::1:role/*"}}`, one("arn:aws:iam::1:role/a"), false},
		{`{"Bool":{"k":false}}`, one("false"), true},
		{`{"Bool":{"k":"false"}}`, none, false},
		{`{"BoolIfExists":{"k":"false"}}`, none, true},
		{`{"Null":{"k":true}}`, none, true},
		{`{"Null":{"k":"true"}}`, one("a"), false},
		{`{"Null":{"k":"false"}}`, one("a"), true},
		{`{"Null":{"k":"false"}}`, Context{"k": {}}, false},
		{`{"NumericLessThan":{"k":"1.2"}}`, one("1.1"), true},
		{`{"NumericLessThan":{"k":"1.2"}}`, one("1.2"), false},
		{`{"NumericLessThan":{"k":1.2}}`, none, false},
		{`{"NumericLessThanEquals":{"k":"1.2"}}`, one("1.20"), true},
		{`{"NumericGreaterThan":{"k":"10"}}`, one("9"), false},
		{`{"NumericGreaterThanEquals":{"k":"10"}}`, one("10"), true},
		{`{"NumericEquals":{"k":"1"}}`, one("1.0"), true},
		{`{"NumericNotEquals":{"k":"1"}}`, none, true},
		{`{"StringEquals":{"k":"a","l":"b"}}`, one("a"), false}, // all keys
		{`{"StringEquals":{"k":"a"},"Null":{"l":"true"}}`, one("a"), true},
		{`{"ForAnyValue:StringEquals":{"k":["a","c"]}}`, two("b", "c"), true},
		{`{"ForAnyValue:StringEquals":{"k":"a"}}`, none, false},
		{`{"ForAnyValue:StringNotEquals":{"k":"a"}}`, two("a", "b"), true},
		{`{"ForAllValues:StringEquals":{"k":["a","b"]}}`, two("a", "b"), true},
		{`{"ForAllValues:StringEquals":{"k":["a","b"]}}`, two("a", "c"), false},
		{`{"ForAllValues:StringEquals":{"k":"a"}}`, none, true}, // of nothing, all are
		{`{"ForAllValues:StringNotEquals":{"k":"a"}}`, two("a", "b"), false},
		{`{"ForAllValues:StringLike":{"k":"a*"}}`, two("a1", "a2"), true},
	} {
		d := parse(t, fmt.Sprintf(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":%s}`, c.condition))
		got, err := d.Statements[0].Applies(Request{Action: "s3:GetObject", Resource: "*", Context: c.context})
		if err != nil || got != c.want {
			t.Errorf("%s of %v: %v %v, want %v", c.condition, c.context, got, err, c.want)
		}
	}
}

// TestRefusing: where a refusal may be about some of a request, it is about it.
func TestRefusing(t *testing.T) {
	for condition, want := range map[string]bool{
		`{"StringLike":{"k":"ab"}}`:      true,
		`{"StringLike":{"k":"b*"}}`:      false,
		`{"StringNotLike":{"k":"ab*"}}`:  true,
		`{"StringNotLike":{"k":"a*"}}`:   false,
		`{"ArnNotEquals":{"k":"arn:*"}}`: true,
	} {
		d := parse(t, fmt.Sprintf(`{"Effect":"Deny","Action":"s3:GetObject","Resource":"*","Condition":%s}`, condition))
		got, err := d.Statements[0].Applies(Request{Action: "s3:GetObject", Resource: "*", Context: Context{"k": {"a*"}}})
		if err != nil || got != want {
			t.Errorf("%s of a*: %v %v, want %v", condition, got, err, want)
		}
	}
}

func TestManyValues(t *testing.T) {
	d := parse(t, `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"k":"a"}}}`)
	_, err := Policies{Identity: []*Document{d}}.Decide(Request{Action: "s3:GetObject", Resource: "*", Context: Context{"k": {"a", "b"}}})
	if err == nil || !strings.Contains(err.Error(), "ForAnyValue") {
		t.Errorf("two values for a condition of one: %v", err)
	}
	d = parse(t, `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"NumericLessThan":{"k":"1"}}}`)
	if _, err = (Policies{Identity: []*Document{d}}).Decide(Request{Action: "s3:GetObject", Resource: "*", Context: Context{"k": {"x"}}}); err == nil || !strings.Contains(err.Error(), "no number") {
		t.Errorf("a text for a number: %v", err)
	}
}
