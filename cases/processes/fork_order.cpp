// fork returns twice: in the parent with the child's number, in the child with 0, and both run on from
// there. Who comes first is open, so a parent and its two children write their letters in every order.
// Each process has its own number, and a child knows its parent's.
//
// csim: --outcomes
// expect: clean
// outcomes: "pab" "pba" "apb" "abp" "bpa" "bap"
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>

void Write(char letter) {
  const ssize_t written = write(STDOUT_FILENO, &letter, 1);
  assert(written == 1);
}

pid_t StartChild(char letter) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  assert(getpid() != parent && getppid() == parent);
  Write(letter);
  _exit(0);
}

int main() {
  const pid_t a = StartChild('a');
  const pid_t b = StartChild('b');
  assert(a > 0 && b > 0 && a != b);
  Write('p');
  waitpid(a, nullptr, 0);
  waitpid(b, nullptr, 0);
}
