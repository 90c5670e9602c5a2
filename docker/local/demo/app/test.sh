#!/bin/sh
# What must hold before the site may be deployed.
set -eu
for page in public/*.html; do
  grep -q '</html>' "$page" || { echo "$page is not whole" >&2; exit 1; }
  ! grep -q '{{' "$page" || { echo "$page has a place that was not filled" >&2; exit 1; }
done
(cd public && sha256sum -c checksums.txt)
