#!/usr/bin/env bash
# A tour of a cluster of OpenKMA: three KMAs on this machine that join, log out and back, are removed, replaced and restored, while an agent reads what it encrypted.
# Usage: docs/cluster-tour.sh [DIRECTORY]   (a new temporary one otherwise; it is removed at the end)
# Each KMA has a data directory and a loopback address of its own, 127.0.0.21 and on, as if each were a machine.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
offset=${TOUR_PORT_OFFSET:-20000}
network=${TOUR_NETWORK:-127.0.0}
if [ $# -gt 0 ]; then
  place=$1
  mkdir -p "$place"
else
  place=$(mktemp -d)
fi
[ -z "$(ls -A "$place")" ] || { echo "$place is not empty" >&2; exit 2; }
place=$(cd "$place" && pwd)
umask 077

declare -A serving=()
leave() {
  status=$?
  for pid in "${serving[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  [ "$status" -eq 0 ] || tail -n 5 "$place"/serve-*.log >&2 2>/dev/null || true
  [ $# -gt 0 ] || rm -rf "$place"
  exit "$status"
}
trap 'leave "$@"' EXIT

step() { printf '\n== %s\n' "$*"; }
shown() { printf '$ %s\n' "$*" | sed "s|$place/||g" >&2; }
# At one of the appliances; the first argument names it.
at() {
  local name=$1
  shift
  shown kma --data "$name" "$@"
  "$root/bin/kma" --data "$place/$name" "$@"
}
# The same, asked by the Security Officer, or with a quorum besides.
officer_at() { at "$@" --user officer --user-passphrase-file "$place/officer.txt"; }
quorum_at() { officer_at "$@" --quorum-file "$place/quorum.txt"; }
as() {
  local person=$1
  shift
  at "$@" --user "$person" --user-passphrase-file "$place/$person.txt"
}
agent() {
  shown okm-agent "$@"
  "$root/agent/bin/okm-agent" --profile "$place/agent" "$@"
}
field() { "$root/node_modules/.bin/node" -p "JSON.parse(require('fs').readFileSync(0, 'utf8')).$1"; }
# Passphrases are made here, lie in files of their owner alone, and are in no argument list.
secret() {
  printf 'P%s-7\n' "$(head -c 15 /dev/urandom | base64 | tr '+/' 'xy')" > "$place/$1.txt"
  echo "$place/$1.txt"
}
address_of() {
  case $1 in
    kma-1) echo "$network.21" ;;
    kma-2) echo "$network.22" ;;
    *) echo "$network.23" ;;
  esac
}
serve() {
  local name=$1 log=$place/serve-$1.log
  shown kma --data "$name" serve --listen "$(address_of "$name")" --port-offset "$offset"
  "$root/bin/kma" --data "$place/$name" serve --listen "$(address_of "$name")" --port-offset "$offset" > "$log" 2>&1 &
  serving[$name]=$!
  for _ in $(seq 300); do
    if grep -q ready "$log"; then return; fi
    kill -0 "${serving[$name]}" || { cat "$log" >&2; return 1; }
    sleep 0.2
  done
  return 1
}
stop() {
  kill "${serving[$1]}"
  wait "${serving[$1]}" || true
  unset "serving[$1]"
}
# As when the power goes: the processes of a KMA end with the one that watches them.
crash() {
  kill -9 $(pgrep -P "${serving[$1]}") "${serving[$1]}"
  wait "${serving[$1]}" 2> /dev/null || true
  unset "serving[$1]"
}
# Waits until a command succeeds; what it prints meanwhile is not worth reading.
until_so() {
  for _ in $(seq 150); do
    if "$@" > /dev/null 2>&1; then return; fi
    sleep 0.4
  done
  echo "in vain: $*" >&2
  return 1
}
# Whether KMA $1 hears from KMA $2.
hears() { officer_at "$1" --json member show "$2" | grep -q '"responding": true'; }
has_ready_keys() { [ "$(at "$1" --json status | field keysReady)" -gt 0 ]; }
standing() { [ "$(at "$1" --json status | field cluster)" = "$2" ]; }
holders() {
  local holder list=''
  for holder in "$@"; do list+="${list:+, }{ \"name\": \"$holder\", \"passphraseFile\": \"$place/$holder.txt\" }"; done
  echo "$list"
}
quickstart_answers() {
  cat <<ANSWERS
{
  "kmaName": "kma-1",
  "managementAddress": "$(address_of kma-1)",
  "serviceAddress": "$(address_of kma-1)",
  "threshold": 2,
  "credentials": [$(holders holder-1 holder-2 holder-3)],
  "securityOfficer": { "name": "officer", "passphraseFile": "$place/officer.txt" },
  "autonomousUnlock": true
}
ANSWERS
}
join_answers() {
  cat <<ANSWERS
{
  "kmaName": "$1",
  "passphraseFile": "$place/$1.txt",
  "managementAddress": "$(address_of "$1")",
  "serviceAddress": "$(address_of "$1")",
  "quorum": [$(holders holder-1 holder-2)],
  "autonomousUnlock": true
}
ANSWERS
}
# An entry at kma-1 with a passphrase of its own, and with it the KMA joins.
joins() {
  local name=$1 address
  address=$(address_of "$name")
  quorum_at kma-1 member create "$name" --passphrase-file "$(secret "$name")" \
    --management-address "$address" --service-address "$address"
  join_answers "$name" > "$place/join.json"
  until_so bash -c "exec 3<> /dev/tcp/$(address_of kma-1)/$((3336 + offset))"
  at "$name" init --join "$(address_of kma-1)" --port-offset "$offset" --ca-key "$ca_key" --answers "$place/join.json"
  serve "$name"
  until_so hears kma-1 "$name"
}
reads() {
  agent decrypt --input "$place/secret.age" --output "$place/read.txt" --force
  cmp "$place/secret.txt" "$place/read.txt"
}

step 'QuickStart: the first KMA of a cluster, with three key holders, two of whom are a quorum'
for person in officer holder-1 holder-2 holder-3; do secret "$person" > /dev/null; done
for holder in holder-1 holder-2; do echo "$holder $(cat "$place/$holder.txt")"; done > "$place/quorum.txt"
quickstart_answers > "$place/quickstart.json"
at kma-1 init --answers "$place/quickstart.json"
serve kma-1
ca_key=$(officer_at kma-1 --json root-ca show | field publicKeySha256)

step 'Two more join: the Security Officer and a quorum make the entry, the newcomer proves its passphrase'
joins kma-2
joins kma-3
officer_at kma-1 member list

step 'People, a key group and an agent: made at one KMA, known at all'
for person in compliance:COMPLIANCE_OFFICER operator:OPERATOR backups:BACKUP_OPERATOR; do
  quorum_at kma-1 user create "${person%:*}" --roles "${person#*:}" --passphrase-file "$(secret "${person%:*}")"
done
as compliance kma-1 policy create tapes --encryption-period 2y --cryptoperiod 10y
as compliance kma-1 group create tapes --policy tapes
as operator kma-1 agent create drive-01 --passphrase-file "$(secret drive-01)"
as compliance kma-1 group assign drive-01 tapes --default
agent enroll --kma "$(address_of kma-1)" --port-offset "$offset" --agent drive-01 \
  --passphrase-file "$place/drive-01.txt" --ca-key "$ca_key"

step 'No backup was taken: keys are Ready because other KMAs hold them'
echo 'what must not be lost' > "$place/secret.txt"
for name in kma-1 kma-2 kma-3; do until_so has_ready_keys "$name"; done
agent encrypt --input "$place/secret.txt" --output "$place/secret.age" --tag VOL001
reads

step 'The first KMA loses its power; the agent reads through another one'
crash kma-1
reads
serve kma-1
until_so hears kma-1 kma-2

step 'kma-3 is logged out: it learns it, gives agents nothing and changes nothing'
quorum_at kma-1 member set-passphrase kma-3 --passphrase-file "$(secret kma-3)"
until_so standing kma-3 logged-out
if officer_at kma-3 site create nowhere; then echo 'it should not have changed anything' >&2; exit 1; fi
officer_at kma-1 site create meanwhile

step 'It logs back in with its new passphrase and a quorum, and has what was written meanwhile'
echo "{ \"passphraseFile\": \"$place/kma-3.txt\", \"quorum\": [$(holders holder-1 holder-2)] }" > "$place/rejoin.json"
at kma-3 rejoin "$(address_of kma-1)" --port-offset "$offset" --answers "$place/rejoin.json"
officer_at kma-3 site list

step 'kma-3 is retired: removed for good, while it is in our hands'
officer_at kma-1 member delete kma-3 --as retired
until_so standing kma-3 retired
stop kma-3
officer_at kma-3 reset --zeroise --confirm kma-3

step 'kma-2 burns. It is deleted as lost, and another machine joins under its name'
crash kma-2
rm -rf "$place/kma-2" "$place/kma-2.unlock-key"
officer_at kma-1 member delete kma-2 --as lost
joins kma-2
officer_at kma-1 member list

step 'A backup: a core security backup, and a database backup which the quorum opens with it'
officer_at kma-1 core-security-backup --to "$place/safe"
as backups kma-1 backup --to "$place/backup"

step 'All KMAs are lost. The backup is restored at a new machine, and the agent reads there'
crash kma-2
crash kma-1
rm -rf "$place"/kma-1{,.unlock-key} "$place"/kma-2{,.unlock-key}
at kma-1 restore --core-security-backup "$place"/safe/*.json --backup "$place"/backup/OKM-Backup-*.dat \
  --backup-key "$place"/backup/OKM-BackupKey-*.json --quorum-file "$place/quorum.txt" \
  --management-address "$(address_of kma-1)" --service-address "$(address_of kma-1)"
serve kma-1
quorum_at kma-1 unlock
reads

step 'Done: what the agent encrypted at first was readable after each of these'
