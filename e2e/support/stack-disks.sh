#!/bin/sh
# Makes a disk out of a file below $1, and mounts a file system at $2 that lies on a logical volume over a partition of it.
# For a machine that is thrown away: nothing is taken down again.
set -eu

modprobe loop max_part=8
modprobe dm-mod

partitioned() {
  truncate -s 300M "$1"
  # One partition of type 83: 2048 sectors in, 260 MiB long.
  printf '\0\0\0\0\203\0\0\0\0\010\0\0\0\040\010\0' | dd of="$1" bs=1 seek=446 conv=notrunc status=none
  printf '\125\252' | dd of="$1" bs=1 seek=510 conv=notrunc status=none
  losetup --find --partscan --show "$1"
}

on() {
  mkdir -p "$2"
  mkfs.ext4 -qF -O ^has_journal "$1"
  mount "$1" "$2"
  chmod 711 "$2"
}

disk=$(partitioned "$1/disk")
dmsetup create volume --table "0 524288 linear ${disk}p1 0"
dmsetup mknodes
on /dev/mapper/volume "$2"
