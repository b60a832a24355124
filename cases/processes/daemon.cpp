// Who waits for whom at the end? Three ways:
//   (none)       the main process waits for its child, and the child's line is always there
//   -DDAEMON     the child is a daemon of the main process: when main has done its work, it ends the
//                child, wherever that is just then, and the line may be lost
//   -DBACKGROUND a daemon of the system: a session of its own, and no parent that waits, on purpose. It
//                outlives main, so its line is always there, and it is no orphan by mistake
//
// csim: --outcomes
// expect: clean
// outcomes: "main: done\nchild: saved\n" "child: saved\nmain: done\n"
//
// csim: --outcomes -DDAEMON
// expect: clean
// outcomes: "main: done\n" "main: done\nchild: saved\n" "child: saved\nmain: done\n"
//
// csim: --outcomes -DBACKGROUND
// expect: clean
// outcomes: "main: done\nchild: saved\n" "child: saved\nmain: done\n"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

void Say(const char* line) {
  const ssize_t written = write(STDOUT_FILENO, line, std::strlen(line));
  static_cast<void>(written);
}

int main() {
  const pid_t child = fork();
  if (child == 0) {
#ifdef BACKGROUND
    setsid();
    if (fork() != 0) _exit(0);  // the grandchild is nobody's child any more
#endif
    Say("child: saved\n");
    _exit(0);
  }
  Say("main: done\n");
#ifdef DAEMON
  kill(child, SIGTERM);
#endif
  waitpid(child, nullptr, 0);
}
