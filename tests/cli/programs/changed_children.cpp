// Children, one after the other, print what they find of their process and then change it; what one has changed, no
// other may find. The macro says what it is.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <ulimit.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace {

constexpr int kChildren = 4;

#if defined(NAME)
void Look() {
  char name[16] = {};
  prctl(PR_GET_NAME, name);
  puts(name);
}
void Change() { pthread_setname_np(pthread_self(), "changed"); }
void ChangeParent() { prctl(PR_SET_NAME, "parent"); }

#elif defined(PRIORITY)
void Look() { printf("%d %d\n", getpriority(PRIO_PROCESS, 0), sched_getscheduler(0)); }
void Change() {
  sched_param parameters{};
  sched_setscheduler(0, SCHED_BATCH, &parameters);
  (void)!nice(3);
}
void ChangeParent() { (void)!nice(1); }

#elif defined(LIMIT)
void Look() {
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  printf("%llu\n", static_cast<unsigned long long>(limit.rlim_cur));
}
void Change() { ulimit(UL_SETFSIZE, 1 << 20); }
void ChangeParent() { ulimit(UL_SETFSIZE, 1 << 21); }

#elif defined(ADVICE)
alignas(4096) char page[4096];
void Look() { printf("%d\n", page[0]); }
void Change() { page[0] = 3; }
void ChangeParent() {
  page[0] = 5;
  madvise(page, sizeof page, MADV_WIPEONFORK);
}

#elif defined(DESCRIPTOR)
void Look() { printf("%d\n", fcntl(0, F_GETFD)); }
void Change() { fcntl(0, F_SETFD, FD_CLOEXEC); }
void ChangeParent() { Change(); }

#elif defined(LIBRARY)
int* number = nullptr;
void Look() { printf("%d\n", number == nullptr ? 0 : ++*number); }
void Change() {
  void* const library = dlopen(LIBRARY, RTLD_NOW);
  if (library == nullptr) return;
  number = static_cast<int*>(dlsym(library, "number"));
  ++*number;
}
void ChangeParent() { Change(); }

#elif defined(THREADS)
// The stacks of threads lie elsewhere in a process that has mapped memory before it has had any. Whoever it has forked is
// not like main, although both have made one thread.
void MakeThread() {
  std::thread thread([] { puts("thread"); });
  thread.join();
  fflush(stdout);
}
void Look() {}
void Change() {
  constexpr int kPages = 40;
  for (int i = 0; i < kPages; ++i) {
    mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  void* const large =
      mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MakeThread();
  munmap(large, 1 << 20);
  const pid_t child = fork();
  if (child == 0) exit(0);
  waitpid(child, nullptr, 0);
}
void ChangeParent() {}

#elif defined(MANY)
// More processes are there at once than csim keeps, and main makes a thread only then. They print who they are for the
// kernel.
void Look() {
  char self[32] = {};
  (void)!readlink("/proc/self", self, sizeof self - 1);
  puts(self);
}
void Change() {}
void ChangeParent() {}
#endif

pid_t Fork(int gate) {
  const pid_t child = fork();
  if (child != 0) return child;
  char byte = 0;
  if (gate >= 0) (void)!read(gate, &byte, 1);
  Look();
  fflush(stdout);
  Change();
  exit(0);
}

}  // namespace

int main() {
#ifdef MANY
  int gate[2];
  (void)!pipe(gate);
  constexpr int kMany = 20;
  for (int i = 0; i < kMany; ++i) Fork(gate[0]);
  for (int i = 0; i < kMany; ++i) (void)!write(gate[1], "x", 1);
  while (wait(nullptr) > 0) {
  }
  std::thread([] {}).join();
#else
  for (int i = 0; i < kChildren; ++i) {
    if (i == kChildren / 2) ChangeParent();
    waitpid(Fork(-1), nullptr, 0);
  }
#ifdef THREADS
  MakeThread();
#endif
#endif
}
