"""Writes archives into the folder that the first argument names: good ones, and what hostile ones are made of."""

import io
import os
import stat
import subprocess
import sys
import tarfile
import zipfile

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
