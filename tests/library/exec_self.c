/* The program executes itself, in a child and in main: descriptors that are not closed on exec, the process's
 * number and the arguments stay, memory and handlers do not.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "child of main: hello\nmain again: 7\n"
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static int touched;
static void Handle(int signal) { (void)signal; }
int main(int argc, char** argv) {
  assert(touched == 0);
  if (argc == 3 && strcmp(argv[1], "child") == 0) {
    char text[16];
    const int fd = atoi(argv[2]);
    const ssize_t n = read(fd, text, sizeof text);
    assert(n == 5);
    printf("child of main: %.*s\n", (int)n, text);
    assert(fcntl(fd + 1, F_GETFD) == -1 && errno == EBADF); /* closed on exec */
    assert(read(fd, text, sizeof text) == 0);
    struct sigaction action;
    assert(sigaction(SIGUSR1, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
    assert(sigaction(SIGUSR2, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
    return 7;
  }
  if (argc == 3) {
    assert(strcmp(argv[1], "again") == 0 && getpid() == atoi(getenv("WAS")));
    int status = 0;
    assert(wait(&status) == atoi(argv[2]) && WIFEXITED(status)); /* still its child */
    printf("main again: %d\n", WEXITSTATUS(status));
    return 0;
  }
  touched = 1;
  int ends[2];
  assert(pipe(ends) == 0);
  assert(fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0);
  signal(SIGUSR1, Handle);
  signal(SIGUSR2, SIG_IGN);
  char number[16];
  snprintf(number, sizeof number, "%d", ends[0]);
  assert(execl("/nowhere/at/all", "nothing", NULL) == -1 && errno == ENOENT);
  assert(execl("/", "nothing", NULL) == -1 && errno == EACCES);
  const pid_t child = fork();
  if (child == 0) execl("/proc/self/exe", argv[0], "child", number, NULL);
  assert(write(ends[1], "hello", 5) == 5);
  char was[32];
  snprintf(was, sizeof was, "WAS=%d", getpid());
  snprintf(number, sizeof number, "%d", child);
  char* arguments[] = {argv[0], "again", number, NULL};
  char* environment[] = {was, NULL};
  execve(argv[0], arguments, environment);
  return 1;
}
