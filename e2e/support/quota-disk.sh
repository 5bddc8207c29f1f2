# Makes the guest's disk anew with project quotas: quota-disk.sh MOUNT ext4|xfs
set -eu
device=$(awk -v at="$1" '$2 == at { print $1 }' /proc/mounts)
# What a test has left behind ends in a moment.
for _ in $(seq 100); do umount "$1" 2>/dev/null && break || sleep 0.2; done
case $2 in
  ext4) mkfs.ext4 -q -F -O quota,project "$device" && mount -o prjquota "$device" "$1" ;;
  xfs) mkfs.xfs -q -f "$device" && mount -o prjquota,allocsize=64k "$device" "$1" ;;
esac
