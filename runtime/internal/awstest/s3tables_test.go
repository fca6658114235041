package awstest

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdks3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3tables"
	"github.com/aws/aws-sdk-go-v2/service/s3tables/types"
	"github.com/aws/smithy-go"
)

func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// TestS3TablesIsStrict: what S3 Tables refuses is refused.
func TestS3TablesIsStrict(t *testing.T) {
	a := New(t)
	arn := a.TableBucket("tables", "n")
	api, files := s3tables.NewFromConfig(a.Config()), sdks3.NewFromConfig(a.Config())
	create := func(namespace, name string) error {
		_, err := api.CreateTable(t.Context(), &s3tables.CreateTableInput{TableBucketARN: &arn, Namespace: &namespace, Name: &name, Format: types.OpenTableFormatIceberg})
		return err
	}
	if err := create("n", "t"); err != nil {
		t.Fatal(err)
	}
	place, _, maintained, _ := a.S3Table(arn, "n", "t")
	bucket := strings.TrimPrefix(place, "s3://")
	if len(maintained) != 2 {
		t.Errorf("S3 maintains %v", maintained)
	}
	if _, err := files.PutObject(t.Context(), &sdks3.PutObjectInput{Bucket: &bucket, Key: aws.String("metadata/1.metadata.json"), Body: strings.NewReader("{}")}); err != nil {
		t.Fatal(err)
	}
	at, err := api.GetTableMetadataLocation(t.Context(), &s3tables.GetTableMetadataLocationInput{TableBucketARN: &arn, Namespace: aws.String("n"), Name: aws.String("t")})
	if err != nil || at.MetadataLocation != nil || *at.WarehouseLocation != place {
		t.Fatalf("%+v %v", at, err)
	}
	update := func(location, token string) error {
		_, err := api.UpdateTableMetadataLocation(t.Context(), &s3tables.UpdateTableMetadataLocationInput{TableBucketARN: &arn, Namespace: aws.String("n"), Name: aws.String("t"), MetadataLocation: &location, VersionToken: &token})
		return err
	}
	if err := update(place+"/metadata/1.metadata.json", *at.VersionToken); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		code string
		do   func() error
	}{
		"a second table":       {"ConflictException", func() error { return create("n", "t") }},
		"a name":               {"BadRequestException", func() error { return create("n", "T") }},
		"an unknown namespace": {"NotFoundException", func() error { return create("m", "t") }},
		"an old token":         {"ConflictException", func() error { return update(place+"/metadata/1.metadata.json", *at.VersionToken) }},
		"another's place":      {"BadRequestException", func() error { return update("s3://other/metadata/1.metadata.json", *at.VersionToken) }},
		"no metadata file":     {"BadRequestException", func() error { return update(place+"/metadata/2.metadata.json", *at.VersionToken) }},
		"an old token's drop": {"ConflictException", func() error {
			_, err := api.DeleteTable(t.Context(), &s3tables.DeleteTableInput{TableBucketARN: &arn, Namespace: aws.String("n"), Name: aws.String("t"), VersionToken: at.VersionToken})
			return err
		}},
		"a list": {"MethodNotAllowed", func() error {
			_, err := files.ListObjectsV2(t.Context(), &sdks3.ListObjectsV2Input{Bucket: &bucket})
			return err
		}},
		"a deletion": {"MethodNotAllowed", func() error {
			_, err := files.DeleteObject(t.Context(), &sdks3.DeleteObjectInput{Bucket: &bucket, Key: aws.String("x")})
			return err
		}},
		"a file before its table": {"NoSuchBucket", func() error {
			_, err := files.PutObject(t.Context(), &sdks3.PutObjectInput{Bucket: aws.String("00000002-table--table-s3"), Key: aws.String("x"), Body: strings.NewReader("")})
			return err
		}},
	} {
		if err := tc.do(); codeOf(err) != tc.code {
			t.Errorf("%s: %v, want %s", name, err, tc.code)
		}
	}
}
