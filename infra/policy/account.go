package policy

var accountRules = []Rule{
	{Row: 2, Title: "S3's block of the account is no stack's", IDs: []string{"S3.1"}, Severity: Must, Fix: bootstrapped, Check: absent(perAccount, "s3/accountPublicAccessBlock:AccountPublicAccessBlock")},
	{Row: 27, Title: "the VPC block of the account is no stack's", IDs: []string{"EC2.172"}, Severity: Must, Fix: "set it where the account is set up", Check: absent(perAccount, "vpc/blockPublicAccessOptions:BlockPublicAccessOptions")},
	{Row: 71, Title: "the catalog's encryption is no stack's", IDs: []string{"CKV_AWS_94"}, Severity: Must, Fix: "set it where the account is set up", Check: absent(perAccount, "glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings")},
	{Row: 88, Title: "Lake Formation's settings are no stack's: destroying them would open every other", Severity: Must, Fix: bootstrapped, Check: absent(perAccount, "lakeformation/dataLakeSettings:DataLakeSettings")},
	{Row: 106, Title: "GitHub's OIDC provider is no stack's", Severity: Must, Fix: bootstrapped, Check: absent(perAccount, "iam/openIdConnectProvider:OpenIdConnectProvider")},
	{Row: 122, Title: "Macie, GuardDuty and Access Analyzer are no stack's", IDs: []string{"Macie.1", "GuardDuty.1", "GuardDuty.10"}, Severity: Must, Fix: "set them where the account is set up",
		Check: absent(perAccount, "macie2/account:Account", "guardduty/detector:Detector", "accessanalyzer/analyzer:Analyzer")},
}

const (
	bootstrapped = "make bootstrap sets it, once for an account"
	perAccount   = "nothing: an account has one, and a stack that is destroyed would take it from all others"
)
