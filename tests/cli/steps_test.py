"""What the steps of an execution are called: as the program calls them, not as csim carries them out."""
import os

import csim_run

INTERRUPTED = os.path.join(csim_run.ROOT, "tests", "library", "io_faults_interrupted.c")

POLLS = """#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
static int ends[2];
static void Handle(int signal) { (void)signal; }
static void* Write(void* unused) { return write(ends[1], "x", 1) == 1 ? unused : unused; }
int main(void) {
  pthread_t writer;
#ifdef HANDLES
  struct sigaction action = {.sa_handler = Handle};
  sigaction(SIGWINCH, &action, NULL);
#endif
  assert(pipe(ends) == 0);
  pthread_create(&writer, NULL, Write, NULL);
  struct pollfd item = {ends[0], POLLIN, 0};
  const int ready = poll(&item, 1, 10);
  assert(ready WANTED);
  pthread_join(writer, NULL);
}
"""

CONNECTS = """#include <arpa/inet.h>
#include <assert.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
static int listener;
static void* Serve(void* unused) {
  const int mine = accept(listener, 0, 0);
  char byte;
  assert(read(mine, &byte, 1) == 1);
  assert(byte == 'y');
  return unused;
}
int main(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(5000)};
  pthread_t server;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listener = socket(AF_INET, SOCK_STREAM, 0);
  assert(bind(listener, (struct sockaddr*)&at, sizeof at) == 0);
  assert(listen(listener, 3) == 0);
  pthread_create(&server, 0, Serve, 0);
  const int mine = socket(AF_INET, SOCK_STREAM, 0);
  assert(connect(mine, (struct sockaddr*)&at, sizeof at) == 0);
  assert(write(mine, "x", 1) == 1);
  pthread_join(server, 0);
}
"""


class Steps(csim_run.Case):
    def steps(self, path, *words):
        """The words for all steps of the execution with the finding, with their tasks left out."""
        found = self.explore(path, *words, code=csim_run.BUG).json
        run = self.csim("replay", found["findings"][0]["trace"], "--step")
        return run.out

    def test_a_signal_from_outside_is_no_timeout(self):
        for flags in (), ("-DFLAGS=SA_RESTART", "-DPOLL"):
            with self.subTest(flags):
                text = self.steps(INTERRUPTED, "-DHANDLES", *flags, "--io-faults")
                self.assertRegex(text, r": (read|poll) ends \(interrupted\)")
                self.assertNotIn("(timeout)", text)
                self.assertNotIn("(error", text)

    def test_a_timeout_stays_one_where_signals_may_come(self):
        path = self.write("polls.c", POLLS)
        words = ("-DHANDLES", "--io-faults", "--strategy", "dfs")
        self.assertIn(": poll ends (interrupted)", self.steps(path, "-DWANTED=>= 0", *words))
        text = self.steps(path, "-DWANTED=!= 0", *words)
        self.assertIn(": poll ends (timeout)", text)
        self.assertNotIn("interrupted", text)
        self.assertIn(": poll ends (timeout)", self.steps(path, "-DWANTED=!= 0", "--io-faults"))

    def test_calls_on_addresses_have_their_names(self):
        path = self.write("connects.c", CONNECTS)
        text = self.steps(path)
        address = f"connects.c:{csim_run.line_of(path, 'assert(bind')}"
        for words in (f"bind {address}", f"listen {address}", "connect: bind connects.c", f"connect {address}",
                      f"accept {address}"):
            self.assertIn(": " + words, text)


if __name__ == "__main__":
    csim_run.main()
