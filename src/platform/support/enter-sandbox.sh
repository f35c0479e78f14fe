#!/bin/sh
# Makes the private file system of the support sshd and becomes that sshd. It changes nothing outside the namespaces that it was started in.
#
# Accounts of the machine do not exist in here, and the support account exists nowhere else: /etc/passwd, group and shadow are
# files of our own. What the account could read or change without need is covered by empty file systems: the data directory,
# homes, logs, sockets below /run, other processes.
set -eu
umask 022
cd /

ETC=$1     # files made for this start, 0700
SOCKET=$2  # directory of the socket that answers the support shell
NODE=$3    # the program
SHELL_FILE=$4
DATA=$5    # the data directory
SSHD=$6
PRIMARY=$7 # yes: the account is root's and its shell is that of the machine

STAGE=$ETC/../sandbox
RUN=$STAGE/openkma-support
mkdir -p -m 700 "$STAGE"
mount -n -t tmpfs -o mode=755,nosuid,nodev,size=4m openkma-support "$STAGE"
mkdir -p "$STAGE/sshd" "$RUN/etc" "$RUN/home" "$RUN/socket"
chmod 755 "$STAGE/sshd"

for file in "$ETC"/*; do
  case ${file##*/} in
    host-key-* | shadow) install -m 600 "$file" "$RUN/etc/" ;;
    root-bashrc) ;; # read by the shell outside
    support-shell | root-shell) install -m 755 "$file" "$RUN/" ;;
    *) install -m 644 "$file" "$RUN/etc/" ;;
  esac
done
install -m 644 "$SHELL_FILE" "$RUN/support-shell.mts"
: >"$RUN/node"
mount -n --bind "$NODE" "$RUN/node"
mount -n --bind "$SOCKET" "$RUN/socket"
if [ "$PRIMARY" = yes ]; then
  # All processes of the machine, one of which is the way to its file system: a namespace of before cannot be mounted itself.
  mkdir "$RUN/machine"
  mount -n --bind /proc "$RUN/machine"
fi

mount -n --rbind "$STAGE" /run
for name in passwd group shadow nsswitch.conf; do
  if [ -e "/etc/$name" ]; then mount -n --bind "/run/openkma-support/etc/$name" "/etc/$name"; fi
done
mount -n -t proc -o nosuid,nodev,noexec proc /proc
# In /etc/ssh a file of the machine would be run for every session.
for place in /etc/ssh /home /root /srv /mnt /media /tmp /var/tmp /var/log /var/spool /dev/shm "$DATA"; do
  if [ -d "$place" ]; then mount -n -t tmpfs -o ro,mode=755,nosuid,nodev,noexec,size=4k hidden "$place"; fi
done

set -- "$SSHD" -D -e -f /run/openkma-support/etc/sshd_config
if [ "$PRIMARY" = yes ]; then exec "$@"; fi
CAPS=-all,+chown,+dac_override,+fowner,+kill,+setgid,+setuid,+net_bind_service,+sys_chroot,+audit_write
exec setpriv --no-new-privs --inh-caps=-all --bounding-set="$CAPS" "$@"
