# SPDX-License-Identifier: Apache-2.0
"""Rules and records of the tests."""
from typing import Any

RULES = """
- rule: Root used
  desc: The root account did something
  condition: ct.user.identitytype = Root and not ct.name in (ConsoleLogin)
  output: root did %ct.name from %ct.srcip (error=%ct.error)
  priority: WARNING
  source: aws_cloudtrail
  tags: [aws, T1078]
"""
SOURCE = "aws_cloudtrail"


def record(name: str = "CreateUser", **extra: object) -> dict[str, Any]:
    return {
        "eventVersion": "1.08",
        "eventID": f"id-{name}",
        "eventType": "AwsApiCall",
        "eventTime": "2024-05-01T10:00:00Z",
        "eventSource": "iam.amazonaws.com",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.7",
        "eventName": name,
        "userIdentity": {"type": "Root", "accountId": "1"},
        **extra,
    }
