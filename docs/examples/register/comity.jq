# SPDX-License-Identifier: Apache-2.0
# The results of `comity check --format sarif` as a code quality report of GitLab.
[.runs[].results[] | {
  description: .message.text,
  check_name: .ruleId,
  fingerprint: (.partialFingerprints["comity/v1"] | @base64),
  severity: (if .level == "error" then "critical" else "minor" end),
  location: (.locations[0].physicalLocation | {
    path: .artifactLocation.uri,
    lines: {begin: .region.startLine}
  })
}]
