/** What the script exits with where the tool's own number would not say enough. */
export const unpackExit = {
  /** A name that begins at the root: tar would leave out the slash and go on. */
  absoluteName: 91,
  /** A file is larger than the kernel lets any file of the job become, or the job's share of the disk is used up. */
  diskLimit: 93,
  /** The disk has no room: by a quota that says so, or for everybody. */
  noRoom: 94,
} as const;

/**
 * $1 format, $2 folders to strip, $3 folder below /work, $4 the folder that the command will start in, $5 the reader of zip.
 * The archive is standard input. Names that are there already, the job's own input files, stay. tar refuses `..`, makes links
 * last and follows none on its way; devices need rights that no job has. The first things it says are enough: it may have a
 * million.
 */
export const UNPACK_SCRIPT = `set -u
PATH=/usr/bin:/bin
format=$1 strip=$2 into=$3 workdir=$4 said=/tmp/.unpack-said
mkdir -p -- "$into" && cd -- "$into" || exit 92
how=
case $format in
  tar | zip) ;;
  tar.gz) how=--use-compress-program=gzip ;;
  tar.zst) how=--use-compress-program=zstd ;;
  *) echo "unpack: no format $format" >&2; exit 92 ;;
esac
if [ "$format" = zip ]; then
  python3 -I -S -c "$5" "$strip" 2>"$said"
else
  LC_ALL=C tar --extract --file=- \${how:+"$how"} --strip-components="$strip" --skip-old-files --no-same-owner \\
    --warning=no-timestamp --warning=no-unknown-keyword --delay-directory-restore 2>"$said"
fi
code=$?
head -c 900 "$said" >&2
if [ "$code" -gt 128 ]; then :
elif grep -q "^tar: Removing leading" "$said"; then code=${unpackExit.absoluteName}
elif [ "$code" -ne 0 ] && grep -q -e "File too large" -e "Disk quota exceeded" \\
  -e "Cannot seek to [0-9]*: Invalid argument" "$said"; then code=${unpackExit.diskLimit}
elif [ "$code" -ne 0 ] && grep -q "No space left on device" "$said"; then code=${unpackExit.noRoom}
fi
rm -f "$said"
# Where that cannot be, the command says so.
[ "$code" -ne 0 ] || mkdir -p -- "$workdir" 2>/dev/null || :
exit "$code"
`;

/**
 * Python of the host, as nothing else there reads zip from a file without a name. Only regular files, folders and links.
 * Its list of entries is read whole, and bounded therefore: on hosts without control groups v2 nothing else would.
 */
export const UNPACK_ZIP = `import os, resource, shutil, stat, sys, time, zipfile
MEMORY = 1 << 30
strip = int(sys.argv[1])
links = []

def fail(code, text):
    sys.stderr.write("unpack: " + text.encode("ascii", "backslashreplace").decode()[:400] + "\\n")
    sys.exit(code)

def folder(path):
    if path:
        os.makedirs(path, exist_ok=True)

def inside(path):
    # No part of the way may be a link: links are made last, and may have been there before.
    at = ""
    for part in path.split("/")[:-1]:
        at = os.path.join(at, part)
        if os.path.islink(at):
            fail(2, at + ": a link stands in the way")

def one(archive, entry):
    name = entry.filename
    if name.startswith("/"):
        fail(${unpackExit.absoluteName}, name + ": begins with /")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        fail(2, name + ": holds '..'")
    if len(parts) <= strip:
        return
    path = "/".join(parts[strip:])
    mode = entry.external_attr >> 16
    kind = stat.S_IFMT(mode)
    inside(path)
    if entry.is_dir():
        return folder(path)
    if kind not in (0, stat.S_IFREG, stat.S_IFLNK):
        fail(2, name + ": neither file, folder nor link")
    folder(os.path.dirname(path))
    if os.path.lexists(path):
        return
    with archive.open(entry) as source:
        if kind == stat.S_IFLNK:
            links.append((source.read(4096), path))
            return
        with open(path, "xb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    if mode & 0o777:
        os.chmod(path, mode & 0o777)
    try:
        written = time.mktime(entry.date_time + (0, 0, -1))
        os.utime(path, (written, written))
    except (ValueError, OverflowError, OSError):
        pass

try:
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard == resource.RLIM_INFINITY or hard > MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with zipfile.ZipFile(sys.stdin.buffer) as archive:
        for entry in archive.infolist():
            one(archive, entry)
    for target, path in links:
        inside(path)
        if os.path.isdir(path) and not os.path.islink(path):
            fail(2, path + ": both a link and a folder")
        if not os.path.lexists(path):
            os.symlink(target, path)
except MemoryError:
    fail(2, "its list of entries takes more than 1 GiB of memory")
except Exception as error:
    # Whatever a hostile archive brings the library to say.
    fail(2, str(error) or type(error).__name__)
`;
