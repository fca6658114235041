package bootstrap

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// blockTag remembers that bootstrap set the account's block.
const blockTag = markTag + ":public-access-block"

// makeBlock sets S3's block of public access for the whole account where none
// was ever set. A block that is there is somebody's decision and stays.
func (a *Account) makeBlock(ctx context.Context) error {
	what := "S3 public access block of account " + a.Account
	found, err := a.block.get(ctx)
	if err != nil {
		return a.failed("read the "+what, err)
	}
	switch open := openings(found); {
	case found == nil:
		return a.act(made, what, func() error {
			if err := a.block.put(ctx, closed()); err != nil {
				return err
			}
			return a.remember(ctx, blockTag, "made")
		})
	case len(open) > 0:
		a.say(kept, "%s: somebody set it without %s; floe's own buckets block public access themselves", what, strings.Join(open, ", "))
	default:
		a.say(there, "%s", what)
	}
	return nil
}

// removeBlock takes the block away where bootstrap set it.
func (a *Account) removeBlock(ctx context.Context) error {
	if a.remembered(blockTag) == "" {
		return nil
	}
	return a.act(removed, "S3 public access block of account "+a.Account, func() error {
		if err := a.block.remove(ctx); err != nil {
			return err
		}
		return a.forget(ctx, blockTag)
	})
}

// closed blocks public access in all four ways.
func closed() *types.PublicAccessBlockConfiguration {
	return &types.PublicAccessBlockConfiguration{BlockPublicAcls: aws.Bool(true), IgnorePublicAcls: aws.Bool(true),
		BlockPublicPolicy: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true)}
}

// openings names the ways that are not blocked.
func openings(c *types.PublicAccessBlockConfiguration) []string {
	if c == nil {
		c = &types.PublicAccessBlockConfiguration{}
	}
	var open []string
	for _, way := range []struct {
		name string
		set  *bool
	}{{"BlockPublicAcls", c.BlockPublicAcls}, {"IgnorePublicAcls", c.IgnorePublicAcls},
		{"BlockPublicPolicy", c.BlockPublicPolicy}, {"RestrictPublicBuckets", c.RestrictPublicBuckets}} {
		if !aws.ToBool(way.set) {
			open = append(open, way.name)
		}
	}
	return open
}

// publicAccessClient speaks the three calls of S3 Control that are needed here:
// GetPublicAccessBlock, PutPublicAccessBlock, DeletePublicAccessBlock.
type publicAccessClient struct {
	config  aws.Config
	account string
	url     string
}

func newPublicAccessClient(config aws.Config, account string) *publicAccessClient {
	const path = "/v20180820/configuration/publicAccessBlock"
	if base := aws.ToString(config.BaseEndpoint); base != "" {
		return &publicAccessClient{config, account, strings.TrimSuffix(base, "/") + path}
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(config.Region, "cn-") {
		domain = "amazonaws.com.cn"
	}
	return &publicAccessClient{config, account, "https://" + account + ".s3-control." + config.Region + "." + domain + path}
}

// blockDocument is the XML form of the configuration.
type blockDocument struct {
	XMLName               xml.Name `xml:"http://awss3control.amazonaws.com/doc/2018-08-20/ PublicAccessBlockConfiguration"`
	BlockPublicAcls       bool
	IgnorePublicAcls      bool
	BlockPublicPolicy     bool
	RestrictPublicBuckets bool
}

// get is the account's block, nil where none was ever set.
func (c *publicAccessClient) get(ctx context.Context) (*types.PublicAccessBlockConfiguration, error) {
	body, err := c.call(ctx, http.MethodGet, nil)
	if errorCode(err) == "NoSuchPublicAccessBlockConfiguration" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var d struct { // the answer's namespace is not promised
		BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets bool
	}
	if err := xml.Unmarshal(body, &d); err != nil {
		return nil, fmt.Errorf("read S3 Control's answer: %w", err)
	}
	return &types.PublicAccessBlockConfiguration{BlockPublicAcls: &d.BlockPublicAcls, IgnorePublicAcls: &d.IgnorePublicAcls,
		BlockPublicPolicy: &d.BlockPublicPolicy, RestrictPublicBuckets: &d.RestrictPublicBuckets}, nil
}

func (c *publicAccessClient) put(ctx context.Context, b *types.PublicAccessBlockConfiguration) error {
	body, err := xml.Marshal(blockDocument{BlockPublicAcls: aws.ToBool(b.BlockPublicAcls), IgnorePublicAcls: aws.ToBool(b.IgnorePublicAcls),
		BlockPublicPolicy: aws.ToBool(b.BlockPublicPolicy), RestrictPublicBuckets: aws.ToBool(b.RestrictPublicBuckets)})
	if err != nil {
		return fmt.Errorf("write the block: %w", err)
	}
	_, err = c.call(ctx, http.MethodPut, body)
	return err
}

func (c *publicAccessClient) remove(ctx context.Context) error {
	_, err := c.call(ctx, http.MethodDelete, nil)
	return err
}

func (c *publicAccessClient) call(ctx context.Context, method string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("S3 Control %s: %w", method, err)
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	request.Header.Set("X-Amz-Account-Id", c.account)
	request.Header.Set("X-Amz-Content-Sha256", hash)
	credentials, err := c.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("S3 Control %s: find credentials: %w", method, err)
	}
	if err := v4.NewSigner().SignHTTP(ctx, credentials, request, hash, "s3", c.config.Region, time.Now()); err != nil {
		return nil, fmt.Errorf("S3 Control %s: sign: %w", method, err)
	}
	var client aws.HTTPClient = http.DefaultClient
	if c.config.HTTPClient != nil {
		client = c.config.HTTPClient
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("S3 Control %s: %w", method, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("S3 Control %s: read the answer: %w", method, err)
	}
	if response.StatusCode >= 300 {
		return nil, fmt.Errorf("S3 Control %s: %w", method, blockError(response.Status, answer))
	}
	return answer, nil
}

// blockError is AWS's reason in an answer; the error may be the whole document
// or lie in an ErrorResponse.
func blockError(status string, answer []byte) error {
	var d struct {
		Code    string
		Message string
		Error   struct {
			Code    string
			Message string
		}
	}
	if err := xml.Unmarshal(answer, &d); err != nil {
		return errors.New(status)
	}
	if d.Error.Code != "" {
		d.Code, d.Message = d.Error.Code, d.Error.Message
	}
	return &smithy.GenericAPIError{Code: d.Code, Message: d.Message}
}
