"""Writes archives into the folder that the first argument names: good ones, and what hostile ones are made of."""

import io
import os
import stat
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib

os.chdir(sys.argv[1])
LINK = (stat.S_IFLNK | 0o777) << 16


def tar(name, *entries, mode="w"):
    with tarfile.open(name, mode, format=tarfile.GNU_FORMAT) as archive:
        for path, kind, content in entries:
            entry = tarfile.TarInfo(path)
            entry.type = kind
            data = content if isinstance(content, bytes) else b""
            if isinstance(content, str):
                entry.linkname = content
            entry.size = len(data)
            entry.mode = 0o755
            # A device with no numbers is one that anybody may make, and that is none.
            entry.devmajor, entry.devminor = 1, 3
            archive.addfile(entry, io.BytesIO(data))


def zipped(name, *entries, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(name, "w", method) as archive:
        for path, attributes, content in entries:
            entry = zipfile.ZipInfo("x")
            entry.filename = path
            entry.external_attr = attributes
            entry.compress_type = method
            archive.writestr(entry, content)


FILE, SYM, HARD, DEVICE, FOLDER = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE
good = [("top/hello.sh", FILE, b"#!/bin/sh\necho hello\n"), ("top/link", SYM, "hello.sh"), ("top/sub", FOLDER, None)]
tar("good.tar", *good)
tar("good.tar.gz", *good, mode="w:gz")
zipped("good.zip", ("top/hello.sh", 0o100755 << 16, "#!/bin/sh\necho hello\n"), ("top/link", LINK, "hello.sh"))
tar("dots.tar", ("a/../../evil", FILE, b"x"))
tar("absolute.tar", ("/tmp/evil", FILE, b"x"))
tar("through.tar", ("out", SYM, "/tmp"), ("out/evil", FILE, b"x"))
tar("hard.tar", ("passwd", HARD, "/etc/passwd"))
tar("dotted.tar", ("up", SYM, "../../../../etc"), ("up/evil", FILE, b"x"))
tar("crossed.tar", ("d", FOLDER, None), ("d/out", SYM, "/tmp"), ("d/out", FOLDER, None), ("d/out/evil", FILE, b"x"))
tar("links.tar", ("secret", SYM, "/etc/shadow"), ("self", SYM, "self"), ("root", SYM, "/"))
tar("device.tar", ("null", DEVICE, None))
tar("bomb.tar.gz", ("zeros", FILE, bytes(64 << 20)), mode="w:gz")
with open("good.tar.gz", "rb") as whole, open("cut.tar.gz", "wb") as cut:
    cut.write(whole.read()[:-40])
subprocess.run(["zstd", "-q", "good.tar"], check=True)
with open("good.tar.zst", "rb") as whole, open("cut.tar.zst", "wb") as cut:
    cut.write(whole.read()[:-20])
with open("good.tar", "rb") as whole, open("cut.tar", "wb") as cut:
    cut.write(whole.read()[:700])
with open("no.tar", "wb") as none, open("no.tar.zst", "wb") as other:
    none.write(b"hello, this is no archive" * 100)
    other.write(b"hello, this is no archive" * 100)
# Entries without end, of which each is a few bytes here.
crowd = int(os.environ.get("CROWD", "20000"))
with tarfile.open("crowd.tar.gz", "w:gz", compresslevel=1, format=tarfile.GNU_FORMAT) as archive:
    for n in range(crowd):
        archive.addfile(tarfile.TarInfo(f"d{n % 100}/{n}"))


def sparse(name, size):
    """One entry of that size, of which nothing is there: the old GNU header says where its only byte would be."""
    head = bytearray(tarfile.TarInfo("sparse").tobuf(tarfile.GNU_FORMAT))
    head[156:157] = b"S"
    head[386:398] = b"\x80" + (size - 512).to_bytes(11, "big")
    head[398:410] = b"%011o\0" % 512
    head[124:136] = b"%011o\0" % 512
    head[483:495] = b"\x80" + size.to_bytes(11, "big")
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    with open(name, "wb") as file:
        file.write(bytes(head) + b"x" * 512 + bytes(1024))


sparse("sparse.tar", 1 << 60)
sparse("holes.tar", 1 << 40)
zipped("dots.zip", ("../evil", 0, "x"))
zipped("absolute.zip", ("/tmp/evil", 0, "x"))
zipped("through.zip", ("out", LINK, "/tmp"), ("out/evil", 0, "x"))
zipped("bomb.zip", ("zeros", 0, bytes(64 << 20)))
with open("cut.zip", "wb") as cut:
    cut.write(open("good.zip", "rb").read()[:-30])
inner = open("bomb.zip", "rb").read()
zipped("nested.zip", *[(f"{n}.zip", 0, inner) for n in range(16)], method=zipfile.ZIP_STORED)


def pax(name, records, entry="harmless", data=b"x", size=None):
    """An entry whose extension says something else than its header: its path, where it leads, or how long it is."""
    with tarfile.open(name, "w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo(entry)
        info.size = len(data)
        info.pax_headers = records
        archive.addfile(info, io.BytesIO(data))
    if size is not None:
        lie(name, size)


def lie(name, size):
    """Says in the last header of an archive that its bytes are so many."""
    with open(name, "r+b") as file:
        whole = bytearray(file.read())
        at = max(at for at in range(0, len(whole), 512) if whole[at + 257 : at + 262] == b"ustar")
        whole[at + 124 : at + 136] = b"%011o\0" % size
        whole[at + 148 : at + 156] = b" " * 8
        whole[at + 148 : at + 156] = b"%06o\0 " % sum(whole[at : at + 512])
        file.seek(0)
        file.write(whole)


pax("pax-path.tar", {"path": "a/../../evil"})
pax("pax-absolute.tar", {"path": "/tmp/evil"})
pax("pax-size.tar", {"size": str(1 << 50)})
tar("false-size.tar", ("short", FILE, b"x" * 100))
lie("false-size.tar", 1 << 30)
tar("twice.tar", ("name", FILE, b"first"), ("name", FILE, b"second"))


def zeros(size):
    """As many zeros as one stream of deflate, and their checksum, without making them: a block over and over again."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(1 << 20)
    first = pack.compress(block) + pack.flush(zlib.Z_FULL_FLUSH)
    again = zlib.compressobj(9, zlib.DEFLATED, -15)
    end = again.compress(bytes(size % len(block))) + again.flush()
    checksum = 0
    for _ in range(size // len(block)):
        checksum = zlib.crc32(block, checksum)
    return first * (size // len(block)) + end, zlib.crc32(bytes(size % len(block)), checksum)


def raw_zip(name, entries):
    """A zip of entries that are packed already: (name, bytes, checksum, size)."""
    with open(name, "wb") as file:
        listed = []
        for path, packed, checksum, size in entries:
            listed.append((path, checksum, len(packed), size, file.tell()))
            head = (0x04034B50, 20, 0, 8, 0, 0, checksum, len(packed), size, len(path), 0)
            file.write(struct.pack("<IHHHHHIIIHH", *head) + path.encode() + packed)
        directory(file, listed)


def directory(file, listed):
    at = file.tell()
    for path, checksum, packed, size, begins in listed:
        head = (0x02014B50, 20, 20, 0, 8, 0, 0, checksum, packed, size, len(path), 0, 0, 0, 0, 0, begins)
        file.write(struct.pack("<IHHHHHHIIIHHHHHII", *head) + path.encode())
    ends = (0x06054B50, 0, 0, len(listed), len(listed), file.tell() - at, at, 0)
    file.write(struct.pack("<IHHHHIIH", *ends))


def packed_file(path):
    whole = open(path, "rb").read()
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    return pack.compress(whole) + pack.flush(), zlib.crc32(whole), len(whole)


# 42.zip, as it was made: zeros in a zip, sixteen of those in another, five deep. 256 MiB of them here, 4 GiB there.
size = 1 << 28
stream, checksum = zeros(size)
raw_zip("bottom.zip", [("0.dll", stream, checksum, size)])
below = "bottom.zip"
for level in range(5):
    content, checksum, size = packed_file(below)
    below = f"level-{level}.zip"
    raw_zip(below, [(f"lib {n:x}.zip", content, checksum, size) for n in range(16)])
os.rename(below, "forty-two.zip")

# Overlapping, as David Fifield makes them: each entry begins with a stored block that quotes the header of the next one, and
# goes on in that one's own bytes, down to zeros that all of them share.
data = bytes(4 << 20)
stream, _ = zeros(len(data))
heads = []
for n in reversed(range(50)):
    path = f"{n:03d}"
    fields = (0x04034B50, 20, 0, 8, 0, 0, zlib.crc32(data), len(stream), len(data), len(path), 0)
    head = struct.pack("<IHHHHHIIIHH", *fields) + path.encode()
    heads.insert(0, (path, fields[6], fields[7], fields[8], head))
    data = head + data
    stream = b"\0" + struct.pack("<HH", len(head), len(head) ^ 0xFFFF) + head + stream
with open("overlapping.zip", "wb") as file:
    # Without the block that would quote the first header.
    file.write(stream[5:])
    at, listed = 0, []
    for path, checksum, packed, size, head in heads:
        listed.append((path, checksum, packed, size, at))
        at += len(head) + 5
    directory(file, listed)
