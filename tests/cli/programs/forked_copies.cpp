// Two children, one after the other and beside each other, look at all that a fork gives them, and then change what they
// can. What they see is one number, the same in all executions and for both.
//
// -DDEEP: they are the children of a child.
// -DKERNEL: they change what cannot be put back, too. -DWHO: they print the number of the kernel's process instead.
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cfenv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <string>
#include <vector>

namespace {

struct Shared {
  pthread_mutex_t mutex;
  int order;
};

int g_written[1500] = {1, 2, 3};
char g_zero[20 << 10];
thread_local int t_number = 7;
thread_local char t_bytes[256];
pthread_key_t g_key;
void* g_block;
std::map<std::string, int>* g_map;
int g_exits = 0;

uint64_t g_seen = 1469598103934665603u;
void See(uint64_t value) { g_seen = (g_seen ^ value) * 1099511628211u; }
void SeeBytes(const void* data, size_t size) {
  for (size_t i = 0; i < size; ++i) See(static_cast<const unsigned char*>(data)[i]);
}

__attribute__((noinline)) void SpoilStack(int depth) {
  volatile char frame[3000];
  for (size_t i = 0; i < sizeof frame; ++i) frame[i] = static_cast<char>(depth + 1);
  if (depth > 0) SpoilStack(depth - 1);
  frame[0] = 1;
}

void OnSignal(int) {}
void OnExit() { ++g_exits; }

void Look(int* numbers) {
  SeeBytes(g_written, sizeof g_written);
  SeeBytes(g_zero, sizeof g_zero);
  See(static_cast<uint64_t>(t_number));
  SeeBytes(t_bytes, sizeof t_bytes);
  See(reinterpret_cast<uintptr_t>(pthread_getspecific(g_key)));
  See(g_map->size());
  for (const auto& [name, value] : *g_map) See(name.size() * 1000 + static_cast<uint64_t>(value));
  SeeBytes(numbers, 16 * sizeof *numbers);
  void* const block = malloc(100);
  See(reinterpret_cast<uintptr_t>(block));
  SeeBytes(block, 100);
  See(static_cast<uint64_t>(errno));
  See(static_cast<uint64_t>(fegetround()));
  const char* const value = getenv("COPIES");
  See(value == nullptr ? 0 : strlen(value));
  struct sigaction action;
  sigaction(SIGUSR1, nullptr, &action);
  See(action.sa_handler == SIG_DFL);
  sigset_t mask;
  sigprocmask(SIG_BLOCK, nullptr, &mask);
  See(static_cast<uint64_t>(sigismember(&mask, SIGUSR2)));
  char directory[4096];
  assert(getcwd(directory, sizeof directory) != nullptr);
  SeeBytes(directory, strlen(directory));
  const mode_t old = umask(0);
  umask(old);
  See(old);
  See(static_cast<uint64_t>(getpriority(PRIO_PROCESS, 0)));
  rlimit limit;
  getrlimit(RLIMIT_CORE, &limit);
  See(limit.rlim_cur);
  int ends[2];
  assert(pipe(ends) == 0);
  See(static_cast<uint64_t>(ends[0] * 100 + ends[1]));
  for (int fd = 0; fd < 20; ++fd) See(static_cast<uint64_t>(fcntl(fd, F_GETFD) + 1));
  void* const shared =
      mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  SeeBytes(shared, 8192);
  memset(shared, 3, 8192);
  See(static_cast<uint64_t>(g_exits));
  const time_t now = 0;
  See(static_cast<uint64_t>(localtime(&now)->tm_year));
}

void Spoil() {
  for (int& number : g_written) ++number;
  memset(g_zero, 5, sizeof g_zero);
  t_number = 8;
  memset(t_bytes, 6, sizeof t_bytes);
  pthread_setspecific(g_key, &t_number);
  pthread_key_t another;
  pthread_key_create(&another, nullptr);
  for (int i = 0; i < 50; ++i) (*g_map)["spoiled " + std::to_string(i)] = i;
  free(g_block);
  errno = 77;
  fesetround(FE_UPWARD);
  setenv("COPIES", "some text", 1);
  signal(SIGUSR1, &OnSignal);
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR2);
  sigprocmask(SIG_BLOCK, &mask, nullptr);
  assert(chdir("/tmp") == 0);
  umask(077);
  assert(open("/dev/null", O_RDONLY) >= 0);
  int ends[2];
  assert(pipe(ends) == 0);
  void* const own =
      mmap(nullptr, 20000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(own, 4, 20000);
  SpoilStack(4);
  setvbuf(stdin, nullptr, _IONBF, 0);
  srand(5);
#ifdef KERNEL
  rlimit limit;
  getrlimit(RLIMIT_CORE, &limit);
  limit.rlim_cur = limit.rlim_cur == 0 ? 1 : limit.rlim_cur - 1;
  setrlimit(RLIMIT_CORE, &limit);
  static char page[8192];
  const auto begin = (reinterpret_cast<uintptr_t>(page) + 4095) & ~uintptr_t{4095};
  mprotect(reinterpret_cast<void*>(begin), 4096, PROT_READ);
#endif
}

void Child(Shared* shared, int* numbers) {
#ifdef WHO
  char self[32] = {};
  (void)!readlink("/proc/self", self, sizeof self - 1);
  printf("%s\n", self);
#ifdef KERNEL
  Spoil();
#endif
#else
  const uint64_t start = g_seen;
  Look(numbers);
  const uint64_t seen = g_seen;
  g_seen = start;
  Spoil();
#endif
  pthread_mutex_lock(&shared->mutex);
  ++shared->order;
  pthread_mutex_unlock(&shared->mutex);
#ifndef WHO
  printf("%016llx\n", static_cast<unsigned long long>(seen));
#endif
  atexit(&OnExit);
  exit(0);
}

int Parent() {
  auto* const shared = static_cast<Shared*>(
      mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&shared->mutex, &attributes);
  pthread_key_create(&g_key, nullptr);
  g_map = new std::map<std::string, int>{{"one", 1}, {"two", 2}};
  g_block = malloc(1000);
  memset(g_block, 9, 1000);
  int numbers[16];
  for (int& number : numbers) number = 11;
  g_written[5] = 6;
  t_bytes[3] = 1;
  int ends[2];
  assert(pipe(ends) == 0 && fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0);
  for (int round = 0; round < 2; ++round) {
    pid_t children[2];
    for (pid_t& child : children) {
      child = fork();
      if (child == 0) Child(shared, numbers);
    }
    for (pid_t child : children) assert(waitpid(child, nullptr, 0) == child);
  }
  close(ends[0]);
  return shared->order != 8 / 2;
}

}  // namespace

int main() {
#ifdef DEEP
  const pid_t child = fork();
  if (child != 0) return waitpid(child, nullptr, 0) != child;
#endif
  return Parent();
}
