/* A disk that is full, for one process and its children, while a flag file exists.
 *
 * Loaded before the C library (LD_PRELOAD). A write that would make a regular file under FULL_FOLDER longer
 * fails with ENOSPC, as on a disk without free blocks; what is there already can be written over. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_full(int fd, off_t end, int appends) {
    const char *flag = getenv("FULL_FLAG"), *folder = getenv("FULL_FOLDER");
    char link[64], path[PATH_MAX];
    struct stat found;
    int kept = errno;
    ssize_t size;

    if (!flag || !folder || access(flag, F_OK) != 0) { errno = kept; return 0; }
    if (fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) { errno = kept; return 0; }
    if (!appends && end <= found.st_size) { errno = kept; return 0; }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    size = readlink(link, path, sizeof path - 1);
    errno = kept;
    if (size < 0) return 0;
    path[size] = 0;
    if (strncmp(path, folder, strlen(folder)) != 0) return 0;
    errno = ENOSPC;
    return 1;
}

static off_t total(const struct iovec *parts, int count) {
    off_t sum = 0;
    for (int nth = 0; nth < count; nth++) sum += parts[nth].iov_len;
    return sum;
}

static off_t here(int fd) { off_t at = lseek(fd, 0, SEEK_CUR); return at < 0 ? 0 : at; }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) {
    if (is_full(fd, here(fd) + size, (fcntl(fd, F_GETFL) & O_APPEND) != 0)) return -1;
    return REAL(write)(fd, data, size);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (is_full(fd, here(fd) + total(parts, count), (fcntl(fd, F_GETFL) & O_APPEND) != 0)) return -1;
    return REAL(writev)(fd, parts, count);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    if (is_full(fd, at + size, 0)) return -1;
    return REAL(pwrite)(fd, data, size, at);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    if (is_full(fd, at + total(parts, count), 0)) return -1;
    return REAL(pwritev)(fd, parts, count, at);
}

int posix_fallocate(int fd, off_t at, off_t size) {
    if (is_full(fd, at + size, 0)) return ENOSPC;
    return REAL(posix_fallocate)(fd, at, size);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { return pwrite(fd, data, size, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return pwritev(fd, parts, count, at); }
int posix_fallocate64(int fd, off64_t at, off64_t size) { return posix_fallocate(fd, at, size); }
