// Package awstest is an AWS for tests: one HTTP server on 127.0.0.1 that
// answers as S3, S3 Tables, Glue, Lake Formation and Secrets Manager do, as far as floe
// calls them.
//
//	a := awstest.New(t)
//	a.Bucket("lake")
//	a.Database("floe_dev_marts", "s3://lake/marts", map[string]string{"floe.project": "floe", …})
//	lake, err := lakehouse.Open(ctx, lakehouse.Options{Glue: &lakehouse.GlueOptions{Project: "floe", Stack: "dev", Config: a.Config()}})
//
// It is strict where floe relies on AWS: UpdateTable compares the VersionId,
// checksums and ETags are verified, answers come in short pages. Fail injects
// errors and loses answers. It checks no signature and no permission.
package awstest
