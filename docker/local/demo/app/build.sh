#!/bin/sh
# Builds the site: every page gets the frame around it, and a file of checksums is written for the tests.
set -eu
rm -rf public
mkdir -p public
for page in pages/*.html; do
  name=${page#pages/}
  echo "building $name"
  title=$(sed -n 's/.*<h1>\(.*\)<\/h1>.*/\1/p' "$page" | head -n 1)
  {
    sed -e "s|{{title}}|$title|" frame/head.html
    sed -e "s|{{commit}}|${DEPLOY_COMMIT:-none}|" -e "s|{{release}}|${DEPLOY_RELEASE:-none}|" "$page"
    cat frame/foot.html
  } >"public/$name"
done
cp style.css public/
echo ok >public/healthz
(cd public && sha256sum ./*.html style.css) >public/checksums.txt
echo "built $(ls public | wc -l) files"
