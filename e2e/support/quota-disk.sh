# Makes the guest's disk anew with project quotas: quota-disk.sh MOUNT ext4|xfs
set -eu
device=$(awk -v at="$1" '$2 == at { print $1 }' /proc/mounts)
# What a test has ended a moment ago may still hold it.
tries=0
until umount "$1"; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || exit 1
  sleep 0.1
done
case $2 in
  ext4) mkfs.ext4 -q -F -O quota,project "$device" && mount -o prjquota "$device" "$1" ;;
  xfs) mkfs.xfs -q -f "$device" && mount -o prjquota,allocsize=64k "$device" "$1" ;;
esac
