// Package network makes the VPC that Fargate tasks run in, or takes the user's
// own, as network.egress of platform.yaml says:
//
//	public     tasks have a public address and nothing comes in; nothing is paid while nothing runs
//	endpoints  no way to the internet; an interface endpoint for each service in use (see Endpoints)
//	nat        a NAT gateway; in prod one in each zone
//	existing   the VPC and the subnets are the user's; only a security group is made in it
//
// What runs in Lambda (every source, unless pipelines.yaml says otherwise, and
// the maintenance) stays outside and needs none of it.
//
// What flows is noted in the bucket of logs, and what is refused in a log group
// besides, at which an alarm looks.
package network
