// A detached thread is a daemon: nobody waits for it. When main returns, the process ends, and with
// it every thread, wherever it was just then. The line of the detached thread is printed in some
// executions and lost in others. With -DJOINED main waits, and the line is always there.
//
// csim: --outcomes
// expect: clean
// outcomes: "main: done\n" "daemon: saved\nmain: done\n" "main: done\ndaemon: saved\n"
//
// csim: --outcomes -DJOINED
// expect: clean
// outcomes: "daemon: saved\nmain: done\n" "main: done\ndaemon: saved\n"
#include <unistd.h>

#include <cstring>
#include <thread>

// One system call per line, so that nothing waits in a buffer.
void Say(const char* line) {
  const ssize_t written = write(STDOUT_FILENO, line, std::strlen(line));
  static_cast<void>(written);
}

void SaveLater() { Say("daemon: saved\n"); }

int main() {
  std::thread daemon(SaveLater);
#ifdef JOINED
  Say("main: done\n");
  daemon.join();
#else
  daemon.detach();
  Say("main: done\n");
#endif
}
