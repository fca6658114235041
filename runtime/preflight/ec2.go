package preflight

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
)

// ec2Version is the API's.
const ec2Version = "2016-11-15"

// largest is how much of an answer is read.
const largest = 8 << 20

// describe asks EC2 for all of one sort and gives the tags of each. EC2's own
// client is large, and two calls of it are wanted.
func (a *account) describe(ctx context.Context, action, set string) ([]map[string]string, error) {
	answer, err := a.ec2(ctx, url.Values{"Action": {action}, "Version": {ec2Version}}.Encode())
	if err != nil {
		return nil, fmt.Errorf("EC2 %s: %w", action, err)
	}
	var d struct {
		Sets []struct {
			XMLName xml.Name
			Items   []struct {
				Tags []struct {
					Key   string `xml:"key"`
					Value string `xml:"value"`
				} `xml:"tagSet>item"`
			} `xml:"item"`
		} `xml:",any"`
	}
	if err := xml.Unmarshal(answer, &d); err != nil {
		return nil, fmt.Errorf("EC2 %s: read the answer: %w", action, err)
	}
	for _, s := range d.Sets {
		if s.XMLName.Local != set {
			continue
		}
		all := make([]map[string]string, len(s.Items))
		for i, item := range s.Items {
			all[i] = map[string]string{}
			for _, t := range item.Tags {
				all[i][t.Key] = t.Value
			}
		}
		return all, nil
	}
	return nil, fmt.Errorf("EC2 %s: the answer has no %s", action, set)
}

// ec2 does one call of the Query API.
func (a *account) ec2(ctx context.Context, body string) ([]byte, error) {
	at := "https://" + a.host("ec2")
	if a.Config.BaseEndpoint != nil {
		at = strings.TrimSuffix(*a.Config.BaseEndpoint, "/")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, at+"/", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	credentials, err := a.Config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("find credentials: %w", err)
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), "ec2", a.place.Region, time.Now()); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	response, err := a.Config.HTTPClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, largest))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return nil, ec2Error(response.Status, answer)
	}
	return answer, nil
}

// ec2Error is EC2's reason in an answer.
func ec2Error(status string, answer []byte) error {
	var d struct {
		Code    string `xml:"Errors>Error>Code"`
		Message string `xml:"Errors>Error>Message"`
	}
	if err := xml.Unmarshal(answer, &d); err != nil || d.Code == "" {
		return fmt.Errorf("answered %s", status)
	}
	return &smithy.GenericAPIError{Code: d.Code, Message: d.Message}
}
