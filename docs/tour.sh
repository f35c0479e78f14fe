#!/usr/bin/env bash
# A tour of OpenKMA: from an empty directory to a key that an agent reads from a restored KMA, run by "okm" from elsewhere.
# Usage: docs/tour.sh [DIRECTORY]   (a new temporary one otherwise; it is removed at the end)
# What is done at the appliance is done with "kma": setting up, serving, showing the key of the root CA.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
offset=${TOUR_PORT_OFFSET:-20000}
if [ $# -gt 0 ]; then
  place=$1
  mkdir -p "$place"
else
  place=$(mktemp -d)
fi
[ -z "$(ls -A "$place")" ] || { echo "$place is not empty" >&2; exit 2; }
place=$(cd "$place" && pwd)
export XDG_CONFIG_HOME=$place/home
umask 077

server=
leave() {
  status=$?
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
  [ "$status" -eq 0 ] || tail -n 5 "$place"/serve-*.log >&2 2>/dev/null || true
  [ $# -gt 0 ] || rm -rf "$place"
  exit "$status"
}
trap 'leave "$@"' EXIT

step() { printf '\n== %s\n' "$*"; }
shown() { printf '$ %s\n' "$*" | sed "s|$place/||g" >&2; }
kma() { shown kma "$@"; "$root/bin/kma" "$@"; }
# Everybody has a profile of his own here, and with it a session of his own.
as() { shown okm --profile "$@"; "$root/bin/okm" --profile "$@"; }
agent() {
  shown okm-agent --profile "$@"
  local name=$1
  shift
  "$root/agent/bin/okm-agent" --profile "$place/agent-$name/" "$@"
}
# One field of JSON; one column of a tab-separated table, by its heading.
field() { "$root/node_modules/.bin/node" -p "JSON.parse(require('fs').readFileSync(0, 'utf8')).$1"; }
column() { awk -F '\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i } NR > 1 { print $at }'; }
# Passphrases are made here, lie in files of their owner alone, and are in no argument list.
secret() {
  printf 'P%s-7\n' "$(head -c 15 /dev/urandom | base64 | tr '+/' 'xy')" > "$place/$1.txt"
  echo "$place/$1.txt"
}

serve() {
  "$root/bin/kma" --data "$1" serve --port-offset "$offset" > "$place/serve-$2.log" 2>&1 &
  server=$!
  for _ in $(seq 300); do
    if grep -q ready "$place/serve-$2.log"; then return; fi
    kill -0 "$server" || { cat "$place/serve-$2.log" >&2; return 1; }
    sleep 0.2
  done
  return 1
}
# The answers of QuickStart: the Security Officer, how many key holders are a quorum, and who they are.
answers() {
  local officer=$1 threshold=$2 holders='' holder
  shift 2
  for holder in "$@"; do
    holders+="${holders:+, }{ \"name\": \"$holder\", \"passphraseFile\": \"$place/$holder.txt\" }"
  done
  cat <<ANSWERS
{
  "kmaName": "kma-1",
  "managementAddress": "127.0.0.1",
  "serviceAddress": "127.0.0.1",
  "threshold": $threshold,
  "credentials": [$holders],
  "securityOfficer": { "name": "$officer", "passphraseFile": "$place/$officer.txt" },
  "autonomousUnlock": false,
  "keyPoolSize": 1000
}
ANSWERS
}
# The key of the root CA, as somebody reads it who stands at the appliance.
ca_key_of() {
  kma --json --data "$1" root-ca show --user "$2" --user-passphrase-file "$place/$2.txt" | field publicKeySha256
}
log_in() { as "$1" login "$1" --user-passphrase-file "$place/$1.txt" > /dev/null; }

step 'At the appliance: QuickStart with three key holders, two of whom are a quorum'
for holder in holder-1 holder-2 holder-3; do secret "$holder" > /dev/null; done
secret officer > /dev/null
answers officer 2 holder-1 holder-2 holder-3 > "$place/answers.json"
kma --data "$place/data" init --answers "$place/answers.json"
for holder in holder-1 holder-2; do echo "$holder $(cat "$place/$holder.txt")"; done > "$place/quorum.txt"
serve "$place/data" first
ca_key=$(ca_key_of "$place/data" officer)

step 'From elsewhere: the Security Officer pins the root CA, logs in and unlocks with the quorum'
people='officer compliance operator backups auditor member'
for person in $people; do
  as "$person" profile create "$person" --kma 127.0.0.1 --port-offset "$offset" --ca-key "$ca_key" > /dev/null
done
log_in officer
as officer unlock --quorum-file "$place/quorum.txt"

step 'One user for each role: the Security Officer and the quorum make each of them'
create_user() {
  as officer user create "$1" --roles "$2" --passphrase-file "$(secret "$1")" --quorum-file "$place/quorum.txt"
  log_in "$1"
}
create_user compliance COMPLIANCE_OFFICER
create_user operator OPERATOR
create_user backups BACKUP_OPERATOR
create_user auditor AUDITOR
create_user member QUORUM_MEMBER
as officer user list

step 'A site, a key policy and two key groups'
as officer site create berlin --description 'hall 2'
as compliance policy create tapes --encryption-period 2y --cryptoperiod 10y
as compliance group create tapes-2026 --policy tapes
as compliance group create archive --policy tapes

step '50 agents out of a CSV file, three of them with a default key group'
{
  echo agent,description,site,onetimepassphrase,passphrase
  for n in $(seq -w 50); do echo "drive-$n,\"library 1, drive $n\",berlin,true,$(cat "$(secret "drive-$n")")"; done
} > "$place/agents.csv"
as operator agent import "$place/agents.csv" --output "$place/imported.txt"
as compliance group assign drive-01 tapes-2026 --default
as compliance group assign drive-02 tapes-2026 --default
as compliance group assign drive-03 archive --default
as operator agent list --output "$place/agents.txt"
head -n 4 "$place/agents.txt"

step 'A core security backup, and a first backup of the pool: from here on keys are Ready'
as officer core-security-backup fetch --directory "$place/safe"
# Heading and all keys of the pool: a key that is made later is not in the backup.
until [ "$(as operator key list --limit 1000 --tsv 2> /dev/null | wc -l)" -gt 1000 ]; do sleep 0.5; done
as backups backup --directory "$place/backup-1"

step 'Three agents enrol and get keys'
for n in 01 02 03; do
  agent "drive-$n" enroll --kma 127.0.0.1 --port-offset "$offset" --agent "drive-$n" \
    --passphrase-file "$place/drive-$n.txt" --ca-key "$ca_key"
done
echo 'what must not be lost' > "$place/plain.txt"
agent drive-01 encrypt --input "$place/plain.txt" --output "$place/first.age" --tag VOL001
agent drive-02 encrypt --input "$place/plain.txt" --output "$place/second.age" --tag VOL002
agent drive-03 encrypt --input "$place/plain.txt" --output "$place/third.age" --tag VOL003
as auditor data-unit list

step 'The keys of two volumes are compromised, those of one of them destroyed'
unit() { as auditor data-unit list --filter "externalTag=$1" --tsv | column dataUnitId; }
second=$(unit VOL002)
third=$(unit VOL003)
as compliance key compromise-all --data-unit-id "$second" --comment 'drive 2 was lent out'
as compliance key compromise-all --data-unit-id "$third" --comment 'drive 3 was stolen'
as operator data-unit destroy-keys "$third" --comment 'drive 3 was stolen'
as auditor key list --data-unit-id "$second"
as auditor key list --data-unit-id "$third"
agent drive-02 decrypt --input "$place/second.age"
if agent drive-03 decrypt --input "$place/third.age"; then echo 'a destroyed key came back' >&2; exit 1; fi

step 'A second backup, which holds what the agents have'
as backups backup --directory "$place/backup-2"
files=("$place"/backup-2/OKM-Backup-*.dat "$place"/backup-2/OKM-BackupKey-*.json)
core_security=$(echo "$place"/safe/*.json)

step 'The KMA is lost'
kill "$server"
wait "$server" || true
mv "$place/data" "$place/lost"

step 'The backup is verified without any KMA: a quorum opens it, keys decrypt, and the time to restore is measured'
as officer backup verify "${files[@]}" "$core_security" --quorum-file "$place/quorum.txt"

step 'At another appliance: QuickStart in a second directory, with a Security Officer for the time being'
for person in temporary passing; do secret "$person" > /dev/null; done
answers temporary 1 passing > "$place/temporary.json"
kma --data "$place/restored" init --answers "$place/temporary.json"
serve "$place/restored" second

step 'From elsewhere: he restores it with the quorum of the backup, and is gone himself'
as temporary profile create temporary --kma 127.0.0.1 --port-offset "$offset" \
  --ca-key "$(ca_key_of "$place/restored" temporary)"
log_in temporary
as temporary restore --backup "${files[0]}" --backup-key "${files[1]}" --core-security-backup "$core_security" \
  --quorum-file "$place/quorum.txt"
log_in officer
as officer unlock --quorum-file "$place/quorum.txt"

step 'The agent reads its key there; the destroyed key stays destroyed'
agent drive-01 decrypt --input "$place/first.age" --output "$place/first.txt"
cmp "$place/plain.txt" "$place/first.txt"
if agent drive-03 decrypt --input "$place/third.age"; then echo 'a destroyed key came back' >&2; exit 1; fi
log_in auditor
as auditor auditevents --maxcount 5

step 'Done: the file that drive-01 encrypted before the loss is readable after it'
