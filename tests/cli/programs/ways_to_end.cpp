// One way to go wrong, or to end, per argument.
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace {

int global = 1;
int* volatile nowhere = nullptr;
volatile int sink;

void InThread(void (*function)()) { std::thread(function).join(); }

void Null() {
  *nowhere = 1;  // null
}

void Abort() {
  std::abort();  // abort
}

void Throw() {
  throw std::runtime_error("the door is shut");  // throw
}

int Recurse(int depth) {
  volatile char room[256];
  room[0] = static_cast<char>(depth);
  return Recurse(depth + 1) + room[0];  // recurse
}

void Loop() {
  while (true) sink = sink + 1;  // loop
}

void Allocate() {
  for (;;) {
    auto* block = static_cast<char*>(std::malloc(1 << 20));  // allocate
    if (block != nullptr) std::memset(block, 1, 1 << 20);
  }
}

void DestroyJoinable() {
  std::thread t([] {});  // joinable
}

void UnlockNotHeld() {
  static pthread_mutex_t free_mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_unlock(&free_mutex);  // unlock
}

void UseAfterFree() {
  int* p = new int(1);  // allocated
  delete p;             // freed
  sink = *p;            // used
}

void DoubleFree() {
  auto* p = static_cast<volatile char*>(std::malloc(8));
  p[0] = 1;  // an allocation that nobody uses is optimised away
  std::free(const_cast<char*>(p));
  std::free(const_cast<char*>(p));  // freed again
}

void Overflow() {
  auto* p = static_cast<volatile char*>(std::malloc(8));
  p[8] = 1;  // beyond
  std::free(const_cast<char*>(p));
}

// All that /proc/self/maps calls writable, csim's own memory included.
void Scribble() {
  struct Range {
    uintptr_t begin;
    uintptr_t end;
  };
  static Range ranges[4096];
  int count = 0;
  FILE* maps = std::fopen("/proc/self/maps", "r");
  char line[512];
  while (maps != nullptr && count < 4096 && std::fgets(line, sizeof line, maps) != nullptr) {
    unsigned long begin = 0;
    unsigned long end = 0;
    char mode[5] = "";
    if (std::sscanf(line, "%lx-%lx %4s", &begin, &end, mode) != 3 || mode[1] != 'w') continue;
    if (end - begin > (1ul << 24)) end = begin + (1ul << 24);
    ranges[count++] = {begin, end};
  }
  const auto own = reinterpret_cast<uintptr_t>(&ranges);
  for (int pass = 0; pass < 2; ++pass) {
    for (int i = 0; i < count; ++i) {
      const bool holds_list = own >= ranges[i].begin && own < ranges[i].end;
      if (holds_list == (pass == 0)) continue;
      for (uintptr_t a = ranges[i].begin; a < ranges[i].end; a += 8) {
        *reinterpret_cast<volatile uint64_t*>(a) = 0x4141414141414141;
      }
    }
  }
}

void ScribbleGlobals() {
  volatile char* p = reinterpret_cast<char*>(&global);
  for (;;) *p++ = 0x41;
}

void ScribbleStack() {
  int here = 0;
  volatile char* p = reinterpret_cast<char*>(&here);
  for (;;) *p++ = 0x41;
}

void ScribbleHeap() {
  volatile char* p = static_cast<char*>(std::malloc(16)) + 64;
  for (;;) *p++ = 0x41;
}

void CloseAll() {
  for (int fd = 0; fd < 1024; ++fd) close(fd);
  std::printf("still here\n");
}

void OverflowFar() {
  auto* p = static_cast<volatile char*>(std::malloc(16));
  p[100] = 1;  // far beyond
  std::free(const_cast<char*>(p));
}

void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, nullptr);
  Null();
}

void System() {
  if (std::system("true") != 0) std::abort();  // system
}

void ReadPipe() {
  int ends[2];
  char byte;
  if (pipe(ends) == 0 && read(ends[0], &byte, 1) == 1) std::abort();  // read
}

void Kill(int signal) { kill(getpid(), signal); }

void Write() {
  for (;;) std::printf("and again\n");
}

struct Way {
  const char* name;
  void (*go)();
};

const Way kWays[] = {
    {"null", [] { InThread(Null); }},
    {"abort", [] { InThread(Abort); }},
    {"throw", [] { InThread(Throw); }},
    {"recurse", [] { InThread([] { sink = Recurse(0); }); }},
    {"recurse_main", [] { sink = Recurse(0); }},
    {"loop", [] { InThread(Loop); }},
    {"allocate", [] { InThread(Allocate); }},
    {"exit", [] { InThread([] { std::exit(3); }); }},
    {"_exit", [] { InThread([] { _exit(3); }); }},
    {"joinable", DestroyJoinable},
    {"unlock", UnlockNotHeld},
    {"use_after_free", UseAfterFree},
    {"double_free", DoubleFree},
    {"overflow", Overflow},
    {"overflow_far", OverflowFar},
    {"block_signals", BlockSignals},
    {"system", System},
    {"read_pipe", ReadPipe},
    {"scribble", Scribble},
    {"scribble_globals", ScribbleGlobals},
    {"scribble_stack", ScribbleStack},
    {"scribble_heap", ScribbleHeap},
    {"close_all", CloseAll},
    {"sigkill", [] { Kill(SIGKILL); }},
    {"sigsegv", [] { Kill(SIGSEGV); }},
    {"raise", [] { std::raise(SIGSEGV); }},
    {"write", Write},
    {"write_raw",
     [] {
       for (;;) {
         if (write(1, "and again\n", 10) < 0) std::abort();
       }
     }},
};

}  // namespace

int main(int argc, char** argv) {
  for (const Way& way : kWays) {
    if (argc > 1 && std::strcmp(argv[1], way.name) == 0) way.go();
  }
}
