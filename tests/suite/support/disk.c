// Between a program and its disk: files do not grow while the file `full` is in the folder of
// TEST_DISK, and nothing is synced while `hangs` is in it.
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_there(const char *name) {
    char path[PATH_MAX];
    const char *folder = getenv("TEST_DISK");
    if (folder == NULL) {
        return 0;
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

static int has_room(int file, off_t end) {
    struct stat found;
    if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode) || end <= found.st_size) {
        return 1;
    }
    return !is_there("full");
}

ssize_t write(int file, const void *bytes, size_t count) {
    off_t at = lseek(file, 0, SEEK_CUR);
    if (at >= 0 && !has_room(file, at + (off_t)count)) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_write, file, bytes, count);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off_t at) {
    if (!has_room(file, at + (off_t)count)) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_pwrite64, file, bytes, count, at);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    return pwrite64(file, bytes, count, at);
}

static void wait_for_disk(void) {
    while (is_there("hangs")) {
        usleep(10000);
    }
}

int fsync(int file) {
    wait_for_disk();
    return (int)syscall(SYS_fsync, file);
}

int fdatasync(int file) {
    wait_for_disk();
    return (int)syscall(SYS_fdatasync, file);
}
