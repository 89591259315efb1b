#!/bin/bash
# The stand-in CRM does what its README says: selftest.sh PROGRAM
set -u
program=$1
for tool in curl jq openssl; do
	command -v "$tool" >/dev/null || { echo "no $tool"; exit 77; }
done
dir=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; rm -rf "$dir"' EXIT
failures=0

# is WHAT EXPECTED ACTUAL
is() {
	if [ "$2" = "$3" ]; then
		return
	fi
	printf 'not ok: %s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"
	failures=$((failures + 1))
}

# start OPTION...: sets url and pid
start() {
	rm -f "$dir/port"
	"$program" --port-file "$dir/port" "$@" >"$dir/out" &
	pid=$!
	pids+=("$pid")
	for _ in $(seq 200); do
		[ -e "$dir/port" ] && break
		sleep 0.05
	done
	url=http://127.0.0.1:$(cat "$dir/port")
}

as_user() { curl -sS -m 5 -u sandbox-token:X "$@" 2>"$dir/stderr"; }
control() { curl -sS -m 5 "$@"; }
fault() { is "fault $1 is taken" '{"status": "OK"}' "$(control -d "$1" "$url/_sandbox/fault")"; }
# get PATH CURL-OPTION...: prints the status and curl's exit code; the body is in $dir/body
get() {
	local path=$1
	shift
	: >"$dir/body"
	as_user -o "$dir/body" -w '%{http_code} %{exitcode}' "$@" "$url/api/$path"
}
body() { cat "$dir/body"; }
field() { jq -c ".content[0].$1" "$dir/body"; }
stored() { control "$url/_sandbox/record/$1"; }

records() {
	is 'a listing' '200 0' "$(get contact)"
	is 'its contacts' 1000 "$(jq '.content | length' "$dir/body")"
	is 'its fourth id' 5 "$(jq '.content[3].id' "$dir/body")"
	cp "$dir/body" "$dir/listing"
	is 'a record' '200 0' "$(get contact/4)"
	is 'the record of the listing' "$(jq -cS '.content[] | select(.id == 4)' "$dir/listing")" \
		"$(jq -cS '.content[0]' "$dir/body")"
	is 'her name' '"Zoë" "Müller" "Köln"' "$(field fn) $(field ln) $(field city)"
	is 'her company' '200 0' "$(get "company/$(field companyId)")"
	for resource in company case opportunity task note comment customfield user group file \
		folder linkedfile; do
		is "$resource list" '200 0' "$(get $resource)"
		is "$resource envelope" 'OK array' \
			"$(jq -r '"\(.status) \(.content | type)"' "$dir/body")"
	done
	is 'contacts and companies share ids' 0 "$(jq -s '[.[].content[].id] | length - (unique | length)' \
		"$dir/listing" <(as_user "$url/api/company"))"
}

refusals() {
	is 'no token' 401 "$(curl -sS -D "$dir/head" -o "$dir/body" -w '%{http_code}' "$url/api/contact")"
	is 'no token: the envelope' ERROR "$(jq -r .status "$dir/body")"
	is 'no token: the challenge' 1 "$(grep -ci '^www-authenticate: basic' "$dir/head")"
	is 'a wrong token' '401 0' "$(get contact -u wrong:X)"
	is 'a wrong password' '401 0' "$(get contact -u sandbox-token:Y)"
	is 'no such resource' '404 0' "$(get nothing)"
	is 'no such record' '404 0' "$(get contact/999999)"
	is 'a company is no contact' '404 0' "$(get contact/3)"
	is 'one user' '501 0' "$(get user/1)"
	is 'a new user' '501 0' "$(get user -d '{"user": "x"}')"
	is 'a comment is not updated' '501 0' "$(get comment/1 -X PUT -d '{"comment": "x"}')"
	is 'not JSON' '500 0' "$(get contact -d '{"fn": ')"
	is 'no object' '400 0' "$(get contact -d '[1]')"
	is 'an id in a POST' '400 0' "$(get contact -d '{"id": 4, "fn": "x"}')"
	is 'too little' '400 0' "$(get contact -d '{"city": "x"}')"
	is 'too little for a comment' '400 0' "$(get comment -d '{"comment": "x"}')"
	is 'read only' '400 0' "$(get contact/4 -X PUT -d '{"notes": [1]}')"
	is 'read only, escaped' '400 0' "$(get contact/4 -X PUT -d '{"not\u0065s": [1]}')"
	is 'another id' '400 0' "$(get contact/4 -X PUT -d '{"id": 5, "fn": "x"}')"
	is 'PUT on a list' '501 0' "$(get contact -X PUT -d '{}')"
	is 'POST on a record' '501 0' "$(get contact/4 -d '{"fn": "x"}')"
	is 'DELETE of nothing' '404 0' "$(get contact/999999 -X DELETE)"
}

writes() {
	local before after
	before=$(stored contact/4)
	is 'a PUT without effect' '200 0' "$(get contact/4 -X PUT -d '{"id": 4, "city": "Köln"}')"
	is 'changes nothing' "$before" "$(stored contact/4)"
	is 'a PUT' '200 0' "$(get contact/4 -X PUT \
		-d '{"city": "Rome", "x": 123456789012345678901234567890, "cphoto": null, "y": 4500.00}')"
	after=$(stored contact/4)
	is 'keeps the order' "$(jq -c keys_unsorted <<<"$before" | sed 's/]$/,"x","y"]/')" \
		"$(jq -c keys_unsorted <<<"$after")"
	is 'keeps the digits' 1 "$(grep -c '"x": 123456789012345678901234567890, "y": 4500.00' <<<"$after")"
	is 'renews lm' true "$(jq -n --argjson a "$before" --argjson b "$after" '$b.lm > $a.lm')"
	is 'leaves ao' true "$(jq -n --argjson a "$before" --argjson b "$after" '$b.ao == $a.ao')"
	is 'answers the whole' "$after" "$(body | sed 's/.*"content": \[//; s/\]}$//')"
	is 'null clears' '200 0' "$(get contact/4 -X PUT -d '{"city": null}')"
	is 'and is kept' null "$(field city)"
	is 'a POST' '200 0' "$(get contact -d '{"fn": "Ada", "n": 1E+2}')"
	local id
	id=$(field id)
	is 'it is there' "$(jq -c '.content[0]' "$dir/body")" "$(stored "contact/$id" | jq -c .)"
	is 'a DELETE' '200 0' "$(get "contact/$id" -X DELETE)"
	is 'has no content' '{"status": "OK"}' "$(body)"
	is 'it is gone' '404 0' "$(get "contact/$id")"
	is 'a new folder' '200 0' "$(get folder -d '{"name": "new"}')"
	is 'has an id of its kind' '"f1006"' "$(field id)"
	is 'a comment' '200 0' "$(get comment -d '{"comment": "x", "nid": 1, "tid": null}')"
}

behind_the_back() {
	local odd='{ "id":4,  "n":1e400, "n":2, "s":"\ud800" }'
	control -X PUT -d "$odd" "$url/_sandbox/record/contact/4" >"$dir/body"
	is 'exact bytes' "$odd" "$(stored contact/4)"
	is 'in the API too' "{\"status\": \"OK\", \"content\": [$odd]}" "$(as_user "$url/api/contact/4")"
	printf '%s\n' '{"id": 90001, "fn": "a"}' '{"fn": "b", "id": "odd/\u00fc"}' |
		control --data-binary @- "$url/_sandbox/record/contact" >"$dir/body"
	is 'added by lines' '{"fn": "b", "id": "odd/\u00fc"}' "$(stored contact/odd%2F%C3%BC)"
	control -X DELETE "$url/_sandbox/record/contact/90001" >"$dir/body"
	is 'removed' '404 0' "$(get contact/90001)"
}

log_and_counts() {
	control -X DELETE "$url/_sandbox/log" >"$dir/body"
	get contact/4 -X PUT -d '{"city": "\"x\""}' >"$dir/stdout"
	get contact -H 'If-None-Match: "t"' >"$dir/stdout"
	is 'the log' 'PUT /api/contact/4 200 {"city": "\"x\""} true null
GET /api/contact 200  true "t"' \
		"$(control "$url/_sandbox/log" | jq -r '"\(.method) \(.path) \(.status) \(.body) " +
			"\(.headers.authorization) \(.headers["if-none-match"])"')"
	is 'the size of the answer' "$(wc -c <"$dir/body")" \
		"$(control "$url/_sandbox/log" | jq -s 'last.bytes')"
	is 'the counts' '{"GET":1,"PUT":1,"POST":0,"DELETE":0,"by_path":{"PUT /api/contact/4":1,"GET /api/contact":1}}' \
		"$(control "$url/_sandbox/count")"
	is 'no token in the log' 0 "$(control "$url/_sandbox/log" | grep -c sandbox-token)"
}

rules() {
	fault '{"kind": "status", "status": 503, "method": "PUT", "path": "/api/contact/6", "skip": 1, "times": 2}'
	local seen=
	is 'another method' '200 0' "$(get contact/6)"
	for _ in 1 2 3 4; do
		seen="$seen $(get contact/6 -X PUT -d '{}')"
	done
	is 'skip and times' ' 200 0 503 0 503 0 200 0' "$seen"
	fault '{"kind": "status", "status": 418, "prefix": "/api/note/", "times": -1}'
	is 'a prefix' '418 0 418 0 200 0' "$(get note/1) $(get note/2) $(get note)"
	control -X DELETE "$url/_sandbox/fault" >"$dir/body"
	is 'cleared' '200 0' "$(get note/1)"
	is 'a misspelt rule' ERROR "$(control -d '{"kind": "status", "stauts": 4}' "$url/_sandbox/fault" | jq -r .status)"
	is 'a misspelt kind' ERROR "$(control -d '{"kind": "stauts"}' "$url/_sandbox/fault" | jq -r .status)"
}

answers() {
	fault '{"kind": "status", "status": 429, "retry_after": 7, "headers": {"X-Why": "tired"}}'
	is 'status' '429 0' "$(get contact/6 -D "$dir/head")"
	is 'its headers' 'Retry-After: 7,X-Why: tired' \
		"$(grep -E 'Retry|Why' "$dir/head" | tr -d '\r' | sort | paste -sd,)"
	fault '{"kind": "status", "status": 502, "body": "<html>", "content_type": "text/html"}'
	is 'status with a body' '502 0 <html>' "$(get contact/6) $(body)"
	fault '{"kind": "redirect", "status": 307, "location": "http://elsewhere/"}'
	is 'redirect' '307 0 http://elsewhere/' "$(get contact/6 -w '%{http_code} %{exitcode} %{redirect_url}')"
	fault '{"kind": "body", "body": "{\"status\": \"OK\""}'
	is 'body' '200 0 {"status": "OK"' "$(get contact/6) $(body)"
	printf 'a\0b' >"$dir/exact"
	fault "{\"kind\": \"body_file\", \"file\": \"$dir/exact\"}"
	is 'body_file' '200 0' "$(get contact/6)"
	is 'its bytes' 0 "$(cmp "$dir/exact" "$dir/body"; echo $?)"
	fault '{"kind": "partial"}'
	is 'partial' '200 0' "$(get contact/6 -X PUT -d '{"title": "new", "is_company": false}')"
	is 'what changed' '["title","lm"]' "$(jq -c '.content[0] | keys_unsorted' "$dir/body")"
	fault '{"kind": "nested", "depth": 5000}'
	is 'nested' '200 0' "$(get contact)"
	is 'its depth' 5001 "$(tr -cd '[' <"$dir/body" | wc -c)"
	fault '{"kind": "bomb", "mb": 50}'
	is 'bomb' '200 0' "$(get contact)"
	is 'it is small' 1 "$(($(wc -c <"$dir/body") < 1000000))"
	is 'it expands' 1 "$(($(gzip -dc "$dir/body" | wc -c) > 50000000))"
	is 'to JSON' '"OK"' "$(gzip -dc "$dir/body" | jq .status)"
	fault '{"kind": "flood"}'
	is 'flood' 50000000 "$(as_user "$url/api/contact" | head -c 50000000 | wc -c)"
}

# What the client's side of the connection sees: curl says 18 for a cut, 28 for a time-out, 52 for
# an end without an answer, 56 for a RST.
breaks() {
	fault '{"kind": "delay", "ms": 400}'
	is 'delay' '200 0 1' "$(get contact/6 -w '%{http_code} %{exitcode} %{time_total}' |
		awk '{ print $1, $2, ($3 >= 0.4) }')"
	fault '{"kind": "hang"}'
	is 'hang' '000 28' "$(get contact/6 -m 0.5)"
	fault '{"kind": "hang_after", "bytes": 25}'
	is 'hang_after' '200 28 25' "$(get contact/6 -m 0.5) $(wc -c <"$dir/body")"
	fault '{"kind": "trickle", "ms": 50}'
	is 'trickle' '200 28 1' "$(get contact/6 -m 1) $(awk -v n="$(wc -c <"$dir/body")" \
		'BEGIN { print (n > 0 && n < 25) }')"
	fault '{"kind": "reset"}'
	is 'reset' '000 56' "$(get contact/6)"
	is 'it was a RST' 1 "$(grep -c 'reset by peer' "$dir/stderr")"
	fault '{"kind": "reset_after", "bytes": 25}'
	is 'reset_after' '200 56 25' "$(get contact/6) $(wc -c <"$dir/body")"
	is 'it was a RST' 1 "$(grep -c 'reset by peer' "$dir/stderr")"
	fault '{"kind": "reset_after", "bytes": 500000}'
	is 'reset_after, late' '200 56 500000' "$(get contact) $(wc -c <"$dir/body")"
	fault '{"kind": "truncate", "bytes": 25}'
	is 'truncate' '200 18 25' "$(get contact/6 -D "$dir/head") $(wc -c <"$dir/body")"
	is 'its Content-Length' 1 "$(grep -ci '^content-length: [1-9]..' "$dir/head")"
	fault '{"kind": "truncate", "bytes": 500000}'
	is 'truncate, late' '200 18 500000' "$(get contact) $(wc -c <"$dir/body")"
	fault '{"kind": "truncate_chunked", "bytes": 25}'
	is 'truncate_chunked' '200 18 25' "$(get contact/6 -D "$dir/head") $(wc -c <"$dir/body")"
	is 'it was chunked' 1 "$(grep -ci '^transfer-encoding: chunked' "$dir/head")"
	fault '{"kind": "truncate_close", "bytes": 25}'
	is 'truncate_close' '200 0 25' "$(get contact/6 -D "$dir/head") $(wc -c <"$dir/body")"
	is 'nothing delimits it' 0 "$(grep -ciE '^(transfer-encoding|content-length)' "$dir/head")"
	is 'it said close' 1 "$(grep -ci '^connection: close' "$dir/head")"
}

lost() {
	fault '{"kind": "delay", "ms": 1000}'
	is 'delay, too long' '000 28' "$(get contact/6 -m 0.3 -X PUT -d '{"title": "slow"}')"
	for _ in $(seq 100); do
		stored contact/6 | grep -q slow && break
		sleep 0.1
	done
	is 'it was applied' '"slow"' "$(stored contact/6 | jq .title)"
	fault '{"kind": "lost"}'
	is 'lost' '000 56' "$(get contact/6 -X PUT -d '{"title": "lost"}')"
	is 'it was applied' '"lost"' "$(stored contact/6 | jq .title)"
	fault '{"kind": "lost_late", "ms": 2000}'
	is 'lost_late' '000 56' "$(get contact/6 -X PUT -d '{"title": "late"}')"
	is 'it is not applied yet' '"lost"' "$(stored contact/6 | jq .title)"
	for _ in $(seq 100); do
		stored contact/6 | grep -q late && break
		sleep 0.1
	done
	is 'it was applied late' '"late"' "$(stored contact/6 | jq .title)"
}

many_hang() {
	local count=150 waiting=()
	control -X DELETE "$url/_sandbox/log" >"$dir/stdout"
	fault "{\"kind\": \"hang\", \"path\": \"/api/contact/8\", \"times\": $count}"
	for i in $(seq $count); do
		curl -sS -m 30 -u sandbox-token:X -o "$dir/hung.$i" "$url/api/contact/8" &
		waiting+=($!)
	done
	for _ in $(seq 200); do
		[ "$(control "$url/_sandbox/count" | jq '.by_path["GET /api/contact/8"]')" = $count ] && break
		sleep 0.05
	done
	is 'all of them came' $count "$(control "$url/_sandbox/count" | jq '.by_path["GET /api/contact/8"]')"
	is 'others are served' '200 0' "$(get contact)"
	is 'the log knows them' $count "$(control "$url/_sandbox/log" | jq -r .fault | grep -c hang)"
	control -X DELETE "$url/_sandbox/fault" >"$dir/stdout"
	wait "${waiting[@]}"
	is 'all of them were let go' $count "$(cat "$dir"/hung.* | grep -o '"OK"' | wc -l)"
}

ends() {
	fault '{"kind": "hang"}'
	get contact/6 >"$dir/stdout" &
	local client=$!
	sleep 0.2
	kill -TERM "$pid"
	wait "$pid"
	is 'SIGTERM with a hanging client' 0 $?
	wait "$client"
}

variants() {
	start --ascii --gzip --etag --partial-put --partial-post --missing folder:501 --missing file:404 \
		--collection note "$dir/exact" --contacts 30 --log "$dir/log" --token 'ü:z'
	as_user() { curl -sS -m 5 -u 'ü:z:X' "$@" 2>"$dir/stderr"; }
	is 'ascii' '200 0 0' "$(get contact) $(LC_ALL=C grep -c '[^ -~]' "$dir/body")"
	is 'but the same' '"Zoë"' "$(get contact/4 >"$dir/stdout"; field fn)"
	get contact/4 -X PUT -d '{"city": "Łódź 🎉"}' >"$dir/stdout"
	is 'partial-put' '["city","lm"]' "$(jq -c '.content[0] | keys_unsorted' "$dir/body")"
	is 'ascii of what was sent' 1 "$(stored contact/4 | grep -c 'u0141\\u00f3d\\u017a \\ud83c\\udf89')"
	get contact -d '{"fn": "x"}' >"$dir/stdout"
	is 'partial-post' '["id"]' "$(jq -c '.content[0] | keys' "$dir/body")"
	is 'missing' '501 0 404 0' "$(get folder) $(get file)"
	is 'collection' '200 0 0' "$(get note) $(cmp "$dir/exact" "$dir/body"; echo $?)"
	is 'gzip' '200 0 30' "$(get contact --compressed -D "$dir/head") $(jq '.content | length - 1' "$dir/body")"
	is 'it was' 1 "$(grep -ci '^content-encoding: gzip' "$dir/head")"
	for path in contact contact/4; do
		get $path -D "$dir/head" >"$dir/stdout"
		local tag
		tag=$(tr -d '\r' <"$dir/head" | sed -n 's/^ETag: //p')
		is "$path unchanged" '304 0' "$(get $path -H "If-None-Match: $tag")"
		is "$path is changed" '200 0' "$(get contact/4 -X PUT -d "{\"title\": \"$path\"}")"
		is "$path changed" '200 0' "$(get $path -H "If-None-Match: $tag")"
	done
	is 'the log file' "$(control "$url/_sandbox/log" | cksum)" "$(cksum <"$dir/log")"
}

https() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout "$dir/key" \
		-addext subjectAltName=IP:127.0.0.1 -out "$dir/cert" 2>"$dir/stderr"
	start --https "$dir/cert" "$dir/key" --contacts 10
	url=${url/http:/https:}
	as_user() { curl -sS -m 5 --cacert "$dir/cert" -u sandbox-token:X "$@" 2>"$dir/stderr"; }
	control() { curl -sS -m 5 --cacert "$dir/cert" "$@"; }
	is 'https' '200 0' "$(get contact/4)"
	fault '{"kind": "reset"}'
	is 'https reset' '000 56' "$(get contact/4 | sed 's/35$/56/')"
	fault '{"kind": "truncate", "bytes": 25}'
	is 'https truncate' '200 25' "$(get contact/4 -w '%{http_code}') $(wc -c <"$dir/body")"
}

die_with_parent() {
	rm -f "$dir/port"
	bash -c '"$0" --die-with-parent --contacts 1 --port-file "$1" >"$2" & echo $! >"$2.pid"
		while ! [ -e "$1" ]; do sleep 0.05; done' "$program" "$dir/port" "$dir/orphan"
	for _ in $(seq 100); do
		kill -0 "$(cat "$dir/orphan.pid")" 2>"$dir/stderr" || break
		sleep 0.05
	done
	is 'an orphan is gone' 1 "$(kill -0 "$(cat "$dir/orphan.pid")" 2>"$dir/stderr"; echo $?)"
}

start
is 'the line it prints' "listening on $url/api" "$(cat "$dir/out")"
records
refusals
writes
behind_the_back
log_and_counts
rules
answers
breaks
lost
many_hang
ends
variants
https
die_with_parent
[ "$failures" = 0 ] && echo 'all is as the README says'
exit $((failures > 0))
