#!/usr/bin/env bash
# Calls an API with the headers that the token broker gives:
#
#   export BROKER_URL=https://my-broker.azurewebsites.net
#   export BROKER_TOKEN=$(az account get-access-token --scope api://token-broker/.default --query accessToken --output tsv)
#   examples/curl.sh payments https://api.example.com/payments/ping
#
# Token and headers go through pipes, and never stand in an argument, which every process of the machine can read.
set -euo pipefail
usage='usage: BROKER_URL=… BROKER_TOKEN=… examples/curl.sh API URL'
api=${1:?$usage} url=${2:?$usage}
: "${BROKER_URL:?$usage}" "${BROKER_TOKEN:?$usage}"

headers=$(printf 'Authorization: Bearer %s\n' "$BROKER_TOKEN" |
  curl --silent --show-error --fail-with-body --header @- --header 'Accept: text/plain' "$BROKER_URL/v1/headers/$api") || {
  echo "$headers" >&2
  exit 1
}
# No --location: a redirect would take the headers along.
printf '%s\n' "$headers" | curl --silent --show-error --fail-with-body --header @- "$url"
