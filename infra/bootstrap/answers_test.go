package bootstrap

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/floe-data/floe/runtime/fault"
)

// answering is an AWS that answers every request with what the handler says,
// and an account opened on it.
func answering(t *testing.T, p Place, answer func(r *http.Request, body string) (int, string)) (*Account, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		status, text := answer(r, string(body))
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}))
	t.Cleanup(server.Close)
	config := aws.Config{BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), RetryMaxAttempts: 1}
	return Open(t.Context(), config, p, Options{})
}

func caller(account string) string {
	return "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::" + account + ":user/me</Arn><Account>" + account + "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
}

func place() Place {
	return Place{Root: ".", Project: "floe", Stack: "prod", Account: account, Region: "eu-central-1"}
}

func TestAnotherAccountIsRefused(t *testing.T) {
	asked := 0
	_, err := answering(t, place(), func(*http.Request, string) (int, string) { asked++; return 200, caller("999999999999") })
	for _, want := range []string{"999999999999", account, "live/prod/platform.yaml", "nothing was touched"} {
		if err == nil || !strings.Contains(err.Error(), want) || fault.Code(err) != 2 {
			t.Errorf("%v does not say %s", err, want)
		}
	}
	if asked != 1 {
		t.Errorf("%d calls were made", asked)
	}
}

func TestNoCredentials(t *testing.T) {
	_, err := answering(t, place(), func(*http.Request, string) (int, string) {
		return 403, "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>expired</Message></Error></ErrorResponse>"
	})
	if err == nil || !strings.Contains(fault.Next(err), "aws sso login") {
		t.Errorf("%v, next %q", err, fault.Next(err))
	}
}

// TestAdminARN holds who can become an administrator.
func TestAdminARN(t *testing.T) {
	const path = "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"
	a, err := answering(t, place(), func(_ *http.Request, body string) (int, string) {
		if strings.Contains(body, "Action=GetRole&RoleName=AWSReservedSSO_Admin_1") {
			return 200, "<GetRoleResponse><GetRoleResult><Role><Arn>" + path + "</Arn></Role></GetRoleResult></GetRoleResponse>"
		}
		if strings.Contains(body, "Action=GetRole") {
			return 404, "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>none</Message></Error></ErrorResponse>"
		}
		return 200, caller(account)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ given, caller, want string }{
		{"", "arn:aws:iam::123456789012:user/me", "arn:aws:iam::123456789012:user/me"},
		{"", "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_1/me@example.com", path},
		{"arn:aws:iam::123456789012:role/admin", "arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:role/admin"},
		{"", "arn:aws:sts::123456789012:assumed-role/gone/me", ""},
		{"", "arn:aws:iam::123456789012:root", ""},
		{"arn:aws:iam::999999999999:role/admin", "arn:aws:iam::123456789012:user/me", ""},
		{"admin", "arn:aws:iam::123456789012:user/me", ""},
		{"arn:aws:iam::123456789012:role/", "arn:aws:iam::123456789012:user/me", ""},
	} {
		a.Admin, a.caller = tc.given, tc.caller
		got, err := a.admin(t.Context())
		if got != tc.want || (err == nil) == (tc.want == "") || err != nil && !strings.Contains(fault.Next(err), "ADMIN=") {
			t.Errorf("%+v: got %s, %v", tc, got, err)
		}
	}
}

// TestOthersAreKept holds that an administrator who vanished between reading
// and writing is told of.
func TestOthersAreKept(t *testing.T) {
	a, err := answering(t, place(), func(r *http.Request, _ string) (int, string) {
		switch r.URL.Path {
		case "/GetDataLakeSettings":
			return 200, `{"DataLakeSettings":{"DataLakeAdmins":[{"DataLakePrincipalIdentifier":"arn:b"}]}}`
		case "/PutDataLakeSettings":
			return 200, `{}`
		}
		return 200, caller(account)
	})
	if err != nil {
		t.Fatal(err)
	}
	principal := func(arn string) types.DataLakePrincipal {
		return types.DataLakePrincipal{DataLakePrincipalIdentifier: aws.String(arn)}
	}
	if err := a.putLakeSettings(t.Context(), &types.DataLakeSettings{}, []types.DataLakePrincipal{principal("arn:b")}); err != nil {
		t.Error(err)
	}
	err = a.putLakeSettings(t.Context(), &types.DataLakeSettings{}, []types.DataLakePrincipal{principal("arn:a"), principal("arn:b")})
	if err == nil || !strings.Contains(err.Error(), "arn:a is not there any more") {
		t.Error(err)
	}
}

// TestAudienceIsAdded holds that a provider without AWS's audience gets it and
// gives it back, and is otherwise left alone.
func TestAudienceIsAdded(t *testing.T) {
	var calls []string
	a, err := answering(t, place(), func(r *http.Request, body string) (int, string) {
		if target := r.Header.Get("X-Amz-Target"); target != "" {
			calls = append(calls, target)
			return 200, "{}"
		}
		action, _, _ := strings.Cut(strings.TrimPrefix(body, "Action="), "&")
		if action == "GetCallerIdentity" {
			return 200, caller(account)
		}
		calls = append(calls, action)
		return 200, "<R><GetOpenIDConnectProviderResult><ClientIDList><member>https://github.com/x</member></ClientIDList></GetOpenIDConnectProviderResult></R>"
	})
	if err != nil {
		t.Fatal(err)
	}
	a.key = &key{ARN: "arn:aws:kms:eu-central-1:123456789012:key/1", Tags: map[string]string{}}
	if err := a.makeProvider(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.removeProvider(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := "GetOpenIDConnectProvider AddClientIDToOpenIDConnectProvider TrentService.TagResource GetOpenIDConnectProvider RemoveClientIDFromOpenIDConnectProvider TrentService.UntagResource"
	if got := strings.Join(calls, " "); got != want {
		t.Errorf("got %s", got)
	}
	if len(a.key.Tags) != 0 {
		t.Errorf("still remembered: %v", a.key.Tags)
	}
}

func TestAccountBlock(t *testing.T) {
	for _, tc := range []struct {
		name     string
		status   int
		answer   string
		set      bool // whether it is set then
		says     string
		fails    string
		signedBy string
	}{
		{"never set", 404, "<ErrorResponse><Error><Code>NoSuchPublicAccessBlockConfiguration</Code></Error></ErrorResponse>", true, made, "", "s3"},
		{"set whole", 200, "<P><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></P>", false, there, "", "s3"},
		{"set in part", 200, "<P><BlockPublicAcls>true</BlockPublicAcls></P>", false, "without IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets", "", "s3"},
		{"refused", 403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>", false, "", "AccessDenied", "s3"},
		{"no XML", 502, "bad gateway", false, "", "502", "s3"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			put := ""
			a, err := answering(t, place(), func(r *http.Request, body string) (int, string) {
				switch {
				case r.Header.Get("X-Amz-Target") != "":
					return 200, "{}"
				case r.URL.Path != "/v20180820/configuration/publicAccessBlock":
					return 200, caller(account)
				case r.Header.Get("X-Amz-Account-Id") != account || !strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/s3/aws4_request"):
					t.Errorf("not signed for the account: %v", r.Header)
				case r.Method == http.MethodPut:
					put = body
					return 201, ""
				}
				return tc.status, tc.answer
			})
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			a.Out, a.key = &out, &key{Tags: map[string]string{}}
			err = a.makeBlock(t.Context())
			if (err == nil) != (tc.fails == "") || err != nil && !strings.Contains(err.Error(), tc.fails) {
				t.Fatalf("got %v", err)
			}
			if (strings.Count(put, ">true<") == 4) != tc.set || (a.remembered(blockTag) != "") != tc.set || !strings.Contains(out.String(), tc.says) {
				t.Errorf("put %q, remembers %v, said %s", put, a.key.Tags, out.String())
			}
		})
	}
}

func TestFailedNamesTheNextAct(t *testing.T) {
	a := local(".", new(strings.Builder))
	for code, want := range map[string]string{"AccessDenied": "administrator", "ExpiredToken": "log in", "BucketAlreadyExists": "another name",
		"OperationAborted": "wait", "Throttling": "run it again", "": "run it again"} {
		err := a.failed("make the key x", &smithy.GenericAPIError{Code: code, Message: "m"})
		if !strings.HasPrefix(err.Error(), "make the key x: ") || !strings.Contains(fault.Next(err), want) {
			t.Errorf("%s: %v, next %q", code, err, fault.Next(err))
		}
	}
}

func TestCountResources(t *testing.T) {
	const two = `{"version":3,"checkpoint":{"stack":"dev","latest":{"resources":[{"urn":"a"},{"urn":"b"}]}}}`
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	fmt.Fprint(w, two)
	w.Close()
	for _, tc := range []struct {
		name, text string
		zipped     bool
		want       int
		fails      bool
	}{
		{"two", two, false, 2, false},
		{"two, zipped", zipped.String(), true, 2, false},
		{"destroyed", `{"version":3,"checkpoint":{"stack":"dev","latest":{"manifest":{}}}}`, false, 0, false},
		{"never deployed", `{"version":3,"checkpoint":{"stack":"dev"}}`, false, 0, false},
		{"no checkpoint", `{"version":3}`, false, 0, true},
		{"cut", two[:30], false, 0, true},
		{"not zipped", two, true, 0, true},
	} {
		got, err := countResources(strings.NewReader(tc.text), tc.zipped)
		if got != tc.want || (err != nil) != tc.fails {
			t.Errorf("%s: got %d, %v", tc.name, got, err)
		}
	}
}

// TestOtherFilesAreInUse holds that nothing is deleted that is not Pulumi's.
func TestUse(t *testing.T) {
	a := local(".", new(strings.Builder))
	for name, want := range map[string]string{
		"report.csv":                       "not Pulumi's",
		".pulumi/locks/a/b.json":           "an update is running",
		".pulumi/history/floe/dev/1.json":  "",
		".pulumi/meta.yaml":                "",
		".pulumi/stacks/floe/dev.json.bak": "",
	} {
		got, err := a.use(context.Background(), name)
		if err != nil || !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestForeignBucket holds that another account's bucket is never touched.
func TestForeignBucket(t *testing.T) {
	a, err := answering(t, place(), func(r *http.Request, _ string) (int, string) {
		if r.Method == http.MethodHead {
			if r.Header.Get("X-Amz-Expected-Bucket-Owner") != account {
				t.Error("the owner is not named")
			}
			return 403, ""
		}
		return 200, caller(account)
	})
	if err != nil {
		t.Fatal(err)
	}
	a.key = &key{}
	if err := a.makeBucket(t.Context()); err == nil || !strings.Contains(fault.Next(err), "another name in Pulumi.yaml") {
		t.Errorf("%v, next %q", err, fault.Next(err))
	}
}

func TestDeletedVersionsAreChecked(t *testing.T) {
	a, err := answering(t, place(), func(r *http.Request, _ string) (int, string) {
		switch {
		case r.URL.Query().Has("versions"):
			return 200, "<R><Version><Key>k</Key><VersionId>1</VersionId></Version><DeleteMarker><Key>k</Key><VersionId>2</VersionId></DeleteMarker></R>"
		case r.URL.Query().Has("delete"):
			return 200, "<R><Error><Key>k</Key><Code>AccessDenied</Code><Message>no</Message></Error></R>"
		}
		return 200, caller(account)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.emptyBucket(t.Context()); err == nil || !strings.Contains(err.Error(), "delete k: AccessDenied") {
		t.Error(err)
	}
}

func TestSameRules(t *testing.T) {
	rule := func(days int32, f *s3types.LifecycleRuleFilter) []s3types.LifecycleRule {
		return []s3types.LifecycleRule{{Filter: f, NoncurrentVersionExpiration: &s3types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(days)}}}
	}
	if !sameRules(rule(90, nil), rule(90, &s3types.LifecycleRuleFilter{Prefix: aws.String("")})) {
		t.Error("an empty filter differs from none")
	}
	if sameRules(rule(90, nil), rule(30, nil)) || sameRules(rule(90, nil), rule(90, &s3types.LifecycleRuleFilter{Prefix: aws.String("x")})) {
		t.Error("different rules are the same")
	}
	if _, err := unset(errors.New("x"), "NoSuchBucketPolicy"); err == nil {
		t.Error("an error was taken for an answer")
	}
}
