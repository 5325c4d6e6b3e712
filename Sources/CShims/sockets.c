// Peer credentials are a GNU structure; only this file asks for it.
#define _GNU_SOURCE
#include "host.h"

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>

size_t lang_socket_path_limit(void) { return sizeof(((struct sockaddr_un *)0)->sun_path) - 1; }

// False when the path does not fit.
static bool address(const char *path, struct sockaddr_un *out) {
  memset(out, 0, sizeof *out);
  out->sun_family = AF_UNIX;
  if (strlen(path) > lang_socket_path_limit()) {
    errno = ENAMETOOLONG;
    return false;
  }
  strcpy(out->sun_path, path);
  return true;
}

static int closing(int file) {
  int problem = errno;
  close(file);
  errno = problem;
  return -1;
}

int lang_socket_listen(const char *path) {
  struct sockaddr_un to;
  if (!address(path, &to)) return -1;
  int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (file < 0) return -1;
  // The mode of the file that `bind` makes is that of the socket.
  if (fchmod(file, 0600) != 0 || bind(file, (struct sockaddr *)&to, sizeof to) != 0) return closing(file);
  if (chmod(path, 0600) != 0 || listen(file, 64) != 0) {
    int failed = closing(file);
    unlink(path);
    return failed;
  }
  return file;
}

int lang_socket_accept(int listener) {
  while (true) {
    int file = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (file < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      return -1;
    }
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(file, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid()) return file;
    close(file);
  }
}

int lang_socket_connect(const char *path) {
  struct sockaddr_un to;
  if (!address(path, &to)) return -1;
  int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (file < 0) return -1;
  if (connect(file, (struct sockaddr *)&to, sizeof to) != 0) return closing(file);
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(file, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != geteuid()) {
    errno = EACCES;
    return closing(file);
  }
  return file;
}

long lang_socket_send(int file, const void *bytes, size_t count) {
  return send(file, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void lang_socket_end(int file) { shutdown(file, SHUT_RDWR); }

bool lang_private_directory(const char *path) {
  struct stat information;
  return lstat(path, &information) == 0 && S_ISDIR(information.st_mode) && information.st_uid == geteuid() &&
         (information.st_mode & 077) == 0;
}

int lang_lock_file(const char *path) {
  while (true) {
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return -1;
    if (flock(file, LOCK_EX | LOCK_NB) != 0) return closing(file);
    // Whoever held it before may have removed the file between the two calls.
    struct stat ours, named;
    if (fstat(file, &ours) == 0 && lstat(path, &named) == 0 && ours.st_dev == named.st_dev && ours.st_ino == named.st_ino)
      return file;
    close(file);
  }
}
