# Makes the guest's disk anew with project quotas: quota-disk.sh MOUNT
set -eu
device=$(awk -v at="$1" '$2 == at { print $1 }' /proc/mounts)
umount "$1"
mkfs.ext4 -q -F -O quota,project "$device"
mount -o prjquota "$device" "$1"
