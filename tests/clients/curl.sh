#!/usr/bin/env bash
# What a partner with curl relies on: statuses, headers, error codes, retries, pages.
#
# Usage: tests/clients/curl.sh BASE_URL API_KEY [ADMIN_BASE_URL]
#
# One line for each check, `ok …` or `FAIL …`; exit code 0 when all hold.
set -euo pipefail

base=$1
key=$2
admin=${3:-}
dir=$(mktemp -d "${TMPDIR:-/tmp}/tradepost-curl.XXXXXX")
trap 'rm -rf "$dir"' EXIT
total=0
failed=0
title=
status=

# Usage: check NAME COMMAND... — holds when the command succeeds. On failure the answer is shown.
check() {
  local name=$1
  shift
  total=$((total + 1))
  if "$@" >/dev/null 2>&1; then
    echo "ok   curl: $title: $name"
  else
    failed=$((failed + 1))
    echo "FAIL curl: $title: $name"
    sed 's/^/     | /' "$dir/headers"
    head -c 2000 "$dir/body" | sed 's/^/     | /'
    echo
  fi
}

# Usage: call TITLE METHOD PATH [curl options] — fills status, $dir/headers and $dir/body.
call() {
  title=$1
  : >"$dir/headers"
  : >"$dir/body"
  status=$(curl --silent --show-error --max-time 30 --request "$2" --dump-header "$dir/headers" --output "$dir/body" \
    --write-out '%{http_code}' "${@:4}" "${url:-$base}$3") || status=none
}

# The same with the key, and for writes with a JSON body.
get() { call "$1" GET "$2" --header "Authorization: Bearer $key" "${@:3}"; }
post() {
  call "$1" POST "$2" --header "Authorization: Bearer $key" --header 'Content-Type: application/json' \
    --data-binary "$3" "${@:4}"
}

json() { jq --raw-output "$1" "$dir/body"; }
# The value of a response header, whatever the case of its name.
header() { tr -d '\r' <"$dir/headers" | sed -n "s/^$1: *//Ip" | tail -n 1; }

is_status() { check "status $1" test "$status" = "$1"; }
# Usage: is JQ_CONDITION — about the body, which is one JSON value. (Without --slurp, jq 1.6 approves of no value.)
is() { check "$1" jq --exit-status --slurp "length == 1 and (.[0] | ($1))" "$dir/body"; }
has_header() { check "$1: $2" test "$(header "$1")" = "$2"; }
is_first_answer() { check 'the same body' cmp "$dir/first" "$dir/body"; }
has_no_header() { check "no $1" test -z "$(header "$1")"; }

# Usage: created PREFIX — the id of what was created; without it the other checks would mean nothing.
created() {
  local id
  id=$(json .id 2>/dev/null || true)
  if [[ $id != "$1"_* ]]; then
    echo "FAIL curl: $title: nothing was created, so the rest is not checked" >&2
    exit 1
  fi
  echo "$id"
}

# Usage: is_error STATUS CODE GRPC_STATUS — the whole envelope.
is_error() {
  is_status "$1"
  is ".error.code == \"$2\" and .error.status == \"$3\""
  is '(.error.message | type == "string" and length > 0) and (.error.request_id | type == "string" and length > 0)'
  is '.error.retryable == false'
  check 'content-type application/json' test "$(header Content-Type | cut -d ';' -f 1)" = application/json
}

# Probes, on both ports.
for path in /healthz /livez /readyz; do
  call "GET $path" GET "$path"
  is_status 200
done
if [[ -n $admin ]]; then
  for path in /healthz /livez /readyz; do
    url=$admin call "GET $path on the admin port" GET "$path"
    is_status 200
  done
fi

# Callers.
call 'without a key' GET /v1/whoami
is_error 401 unauthenticated UNAUTHENTICATED
check 'WWW-Authenticate: Bearer' grep -qi '^WWW-Authenticate: Bearer' "$dir/headers"
call 'with a wrong key' GET /v1/whoami --header "Authorization: Bearer wrong-$key"
is_error 401 unauthenticated UNAUTHENTICATED
check 'WWW-Authenticate: Bearer' grep -qi '^WWW-Authenticate: Bearer' "$dir/headers"
get whoami /v1/whoami
is_status 200
is '.role == "PLATFORM"'
is '.tenant_id | test("^ten_[0-7][0-9a-z]{25}$")'
is '.permissions | index("orders.write") != null'

# Everything of this run has a name of its own, so that it can run again on the same database.
run=$(date +%s)-$$
sku="Curl-$run"

product="{\"sku\":\"$sku\",\"name\":\"Cream hanging heart\",\"tax_rate_bps\":2000,
  \"prices\":[{\"currency_code\":\"GBP\",\"minor_units\":\"255\"}]}"
post 'create product' /v1/products "$product"
is_status 201
is '.id | test("^prd_[0-7][0-9a-z]{25}$")'
is ".sku == \"$sku\" and .status == \"ACTIVE\" and .prices[0].minor_units == \"255\""
product_id=$(created prd)
has_header Location "/v1/products/$product_id"
post 'create the same product' /v1/products "$product"
is_error 409 duplicate_sku ALREADY_EXISTS
is ".error.metadata.existing_id == \"$product_id\""
get 'get product' "/v1/products/$product_id"
is_status 200
is ".id == \"$product_id\""

post 'create customer' /v1/customers "{\"name\":\"Curl & Söhne\",\"reference\":\"$run\"}"
is_status 201
is '.id | test("^cus_[0-7][0-9a-z]{25}$")'
is '.name == "Curl & Söhne"'
customer_id=$(created cus)
has_header Location "/v1/customers/$customer_id"

# An order and its retries. 3 × 2.55 = 7.65, and 20 % tax of that is 1.53.
order="{\"customer_id\":\"$customer_id\",\"currency_code\":\"GBP\",\"note\":\"ring twice\",
  \"items\":[{\"sku\":\"$sku\",\"quantity\":3}],\"metadata\":{\"b\":\"2\",\"a\":\"1\"}}"
once=(--header "Idempotency-Key: order-$run")
post 'create order' /v1/orders "$order" "${once[@]}"
is_status 201
is '.id | test("^ord_[0-7][0-9a-z]{25}$")'
is '.status == "PLACED" and .payment_status == "UNPAID" and .fulfillment_status == "UNFULFILLED"'
is '.subtotal.minor_units == "765" and .tax_total.minor_units == "153" and .total.minor_units == "918"'
is '.total.currency_code == "GBP" and .amount_due.minor_units == "918"'
is "(.items | length) == 1 and .items[0].sku == \"$sku\" and .items[0].quantity == 3"
is '.note == "ring twice" and .metadata == {"a": "1", "b": "2"}'
order_id=$(created ord)
has_header Location "/v1/orders/$order_id"
has_no_header Idempotent-Replayed
cp "$dir/body" "$dir/first"

post 'repeat the order' /v1/orders "$order" "${once[@]}"
is_status 201
has_header Idempotent-Replayed true
has_header Location "/v1/orders/$order_id"
is_first_answer

post 'repeat it in another spelling' /v1/orders "{\"items\":[{\"quantity\":3,\"sku\":\"$sku\"}],
  \"metadata\":{\"a\":\"1\",\"b\":\"2\"},\"note\":\"ring twice\",\"currencyCode\":\"GBP\",
  \"customerId\":\"$customer_id\"}" "${once[@]}"
is_status 201
has_header Idempotent-Replayed true
is_first_answer

post 'the same key for another order' /v1/orders "${order/\"quantity\":3/\"quantity\":4}" "${once[@]}"
is_error 422 idempotency_key_reused FAILED_PRECONDITION
post 'an idempotency key with a space' /v1/orders "$order" --header 'Idempotency-Key: not visible'
is_error 400 idempotency_key_invalid INVALID_ARGUMENT

get 'get order' "/v1/orders/$order_id"
is_status 200
check 'what the creation answered' test "$(jq -cS . "$dir/body")" = "$(jq -cS . "$dir/first")"
get 'an order that does not exist' /v1/orders/ord_01h455vb4pex5vsknk084sn02q
is_error 404 order_not_found NOT_FOUND
get 'a malformed id' /v1/orders/42
is_error 422 validation_failed INVALID_ARGUMENT
is '.error.field == "order_id"'

# Pages: three orders of this customer, newest first, one by one.
for number in 2 3; do
  post "create order $number" /v1/orders "$order" --header "Idempotency-Key: order-$run-$number"
  is_status 201
  check 'another order' test "$(json .id)" != "$order_id"
done
seen=
token=
for page in 1 2 3; do
  get "page $page of 3" "/v1/orders?page_size=1&customer_id=$customer_id&page_token=$token"
  is_status 200
  is '(.orders | length) == 1'
  is '.orders[0] | (.items // []) == [] and (.note // "") == "" and .total.minor_units == "918"'
  seen+="$(json '.orders[0].id') "
  token=$(json '.next_page_token // ""')
  if ((page < 3)); then
    check 'there is a next page' test -n "$token"
    another=$token
  else
    check 'there is no next page' test -z "$token"
  fi
done
check 'every order once' test "$(tr ' ' '\n' <<<"$seen" | grep -c '^ord_' || true)/$(
  tr ' ' '\n' <<<"$seen" | grep '^ord_' | sort -u | wc -l
)" = 3/3
check 'the oldest last' grep -q "$order_id \$" <<<"$seen"
get 'a page token with other filters' "/v1/orders?page_size=1&page_token=$another"
is_error 400 invalid_page_token INVALID_ARGUMENT
get 'a made-up page token' '/v1/orders?page_token=AAAA'
is_error 400 invalid_page_token INVALID_ARGUMENT
get 'an unknown parameter' '/v1/orders?pagesize=1'
is_error 422 validation_failed INVALID_ARGUMENT
is '.error.field == "pagesize"'

# What is not there.
get 'an unknown path' /v1/nothing
is_error 404 route_not_found NOT_FOUND
call 'a method a path does not have' DELETE /v1/whoami --header "Authorization: Bearer $key"
is_error 405 method_not_allowed UNIMPLEMENTED
check 'Allow names GET' grep -qiE '^Allow:(.*[ ,])?GET\b' "$dir/headers"
call 'a method a collection does not have' PATCH /v1/orders --header "Authorization: Bearer $key"
is_error 405 method_not_allowed UNIMPLEMENTED
check 'Allow names GET' grep -qiE '^Allow:(.*[ ,])?GET\b' "$dir/headers"
check 'Allow names POST' grep -qiE '^Allow:(.*[ ,])?POST\b' "$dir/headers"

# What does not fit the contract.
post 'several violations' /v1/orders \
  '{"customer_id":"nobody","currency_code":"pounds","items":[{"sku":"","quantity":0}]}'
is_error 422 validation_failed INVALID_ARGUMENT
is '[.error.details[].field] | sort == ["currency_code", "customer_id", "items[0].quantity", "items[0].sku"]'
is 'all(.error.details[]; (.code | length > 0) and (.message | length > 0))'
post 'an unknown field' /v1/customers '{"name":"Curl","nmae":"Curl"}'
is_error 422 validation_failed INVALID_ARGUMENT
is '.error.field == "nmae"'
post 'a wrong type' /v1/customers '{"name":7}'
is_error 422 validation_failed INVALID_ARGUMENT
is '.error.field == "name"'
post 'an unknown SKU' /v1/orders \
  "{\"customer_id\":\"$customer_id\",\"currency_code\":\"GBP\",\"items\":[{\"sku\":\"No-$run\",\"quantity\":1}]}"
is_error 404 product_not_found NOT_FOUND
post 'a currency without a price' /v1/orders \
  "{\"customer_id\":\"$customer_id\",\"currency_code\":\"EUR\",\"items\":[{\"sku\":\"$sku\",\"quantity\":1}]}"
is_error 409 price_not_found FAILED_PRECONDITION
post 'malformed JSON' /v1/customers '{"name":"Curl"'
is_error 400 malformed_request INVALID_ARGUMENT
post 'a duplicate key' /v1/customers '{"name":"Curl","name":"Curl"}'
is_error 400 malformed_request INVALID_ARGUMENT
call 'another media type' POST /v1/customers --header "Authorization: Bearer $key" \
  --header 'Content-Type: text/plain' --data-binary '{"name":"Curl"}'
is_error 415 unsupported_media_type INVALID_ARGUMENT

if ((failed)); then
  echo "$failed of $total checks failed"
  exit 1
fi
echo "all $total checks hold"
