// Races and deadlocks that the first execution does not have, since its threads run one after the other: the argument
// says which. Names that begin with "no-" have neither, in any execution.
#include <pthread.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

std::mutex l, m, n;
std::recursive_mutex recursive;
std::shared_mutex shared, shared2;
pthread_spinlock_t spin;
std::atomic<int> flag{0};
int x = 0, y = 0, z = 0;
struct Pair {
  char first;
  char second;
  double wide;
} fields;
int array[4];
int* heap = nullptr;
std::atomic<int> seen{0};

using Body = std::function<void()>;
using Lock = std::lock_guard<std::mutex>;

void Nothing(std::mutex& mutex) { Lock lock(mutex); }
template <typename T>
int Value(const T& t) {
  return static_cast<int>(t);
}
// Looks at a value in a way that does not matter.
void See(int value) { seen.store(value, std::memory_order_relaxed); }

// The threads of each program; main starts them all, then joins them in order.
const std::map<std::string, std::vector<Body>> kPrograms = {
    // ---- An unrelated lock orders the two in the execution at hand ----
    {"masked-write-write",
     {[] {
        x = 1;
        Nothing(m);
      },
      [] {
        Nothing(m);
        x = 2;
      }}},
    {"masked-write-read",
     {[] {
        x = 1;
        Nothing(m);
      },
      [] {
        Nothing(m);
        See(x);
      }}},
    {"masked-read-write",
     {[] {
        See(x);
        Nothing(m);
      },
      [] {
        Nothing(m);
        x = 2;
      }}},
    {"masked-increment",
     {[] {
        ++x;
        Nothing(m);
      },
      [] {
        Nothing(m);
        ++x;
      }}},
    {"masked-writes-inside",
     {[] {
        x = 1;
        Lock lock(m);
        y = 1;
      },
      [] {
        {
          Lock lock(m);
          y = 2;
        }
        x = 2;
      }}},
    {"masked-nested",
     {[] {
        x = 1;
        Lock a(m);
        Lock b(n);
      },
      [] {
        Nothing(n);
        x = 2;
      }}},
    {"masked-recursive",
     {[] {
        x = 1;
        recursive.lock();
        recursive.lock();
        recursive.unlock();
        recursive.unlock();
      },
      [] {
        recursive.lock();
        recursive.unlock();
        x = 2;
      }}},
    {"masked-try-lock",
     {[] {
        x = 1;
        Nothing(m);
      },
      [] {
        if (m.try_lock()) m.unlock();
        x = 2;
      }}},
    {"masked-spin",
     {[] {
        x = 1;
        pthread_spin_lock(&spin);
        pthread_spin_unlock(&spin);
      },
      [] {
        pthread_spin_lock(&spin);
        pthread_spin_unlock(&spin);
        x = 2;
      }}},
    {"masked-rwlock",
     {[] {
        x = 1;
        shared.lock();
        shared.unlock();
      },
      [] {
        shared.lock_shared();
        shared.unlock_shared();
        x = 2;
      }}},
    {"masked-chain",
     {[] {
        x = 1;
        Nothing(m);
      },
      [] {
        Nothing(m);
        Nothing(n);
      },
      [] {
        Nothing(n);
        x = 2;
      }}},
    {"masked-two-locks",
     {[] {
        x = 1;
        Nothing(m);
        Nothing(n);
      },
      [] {
        Nothing(n);
        Nothing(m);
        x = 2;
      }}},
    {"masked-three-times",
     {[] {
        x = 1;
        for (int i = 0; i < 3; ++i) Nothing(m);
      },
      [] {
        for (int i = 0; i < 3; ++i) Nothing(m);
        x = 2;
      }}},
    {"masked-char",
     {[] {
        fields.first = 1;
        Nothing(m);
      },
      [] {
        Nothing(m);
        fields.first = 2;
      }}},
    {"masked-double",
     {[] {
        fields.wide = 1;
        Nothing(m);
      },
      [] {
        Nothing(m);
        fields.wide = 2;
      }}},
    {"masked-struct",
     {[] {
        fields = Pair{1, 2, 3};
        Nothing(m);
      },
      [] {
        Nothing(m);
        See(Value(fields.second));
      }}},
    {"masked-array",
     {[] {
        array[2] = 1;
        Nothing(m);
      },
      [] {
        Nothing(m);
        array[2] = 2;
      }}},
    {"masked-memset",
     {[] {
        memset(array, 0, sizeof array);
        Nothing(m);
      },
      [] {
        Nothing(m);
        array[3] = 2;
      }}},
    {"masked-heap",
     {[] {
        *heap = 1;
        Nothing(m);
      },
      [] {
        Nothing(m);
        *heap = 2;
      }}},
    {"masked-atomic-plain",
     {[] {
        reinterpret_cast<std::atomic<int>*>(&x)->store(1);
        Nothing(m);
      },
      [] {
        Nothing(m);
        x = 2;
      }}},
    {"masked-counted",
     {[] {
        x = 1;
        {
          Lock lock(m);
          ++y;
        }
      },
      [] {
        {
          Lock lock(m);
          ++z;
        }
        x = 2;
      }}},
    {"different-locks",
     {[] {
        {
          Lock a(m);
          x = 1;
        }
        Nothing(n);
      },
      [] {
        Lock b(n);
        x = 2;
      }}},
    // ---- The locks have to be taken in another order ----
    {"reversed-write",
     {[] {
        Lock a(l);
        x = 1;
      },
      [] {
        Nothing(l);
        x = 2;
      }}},
    {"reversed-read",
     {[] {
        Lock a(l);
        See(x);
      },
      [] {
        Nothing(l);
        x = 2;
      }}},
    {"reversed-nested",
     {[] {
        Lock a(l);
        Lock b(m);
        x = 1;
      },
      [] {
        Nothing(l);
        Nothing(m);
        x = 2;
      }}},
    {"reversed-half-nested",
     {[] {
        Lock a(l);
        Lock b(m);
        x = 1;
      },
      [] {
        Nothing(m);
        x = 2;
      }}},
    {"reversed-three",
     {[] {
        Lock a(l);
        x = 1;
      },
      [] { Nothing(l); },
      [] {
        Nothing(l);
        x = 2;
      }}},
    {"reversed-rwlock",
     {[] {
        shared.lock();
        x = 1;
        shared.unlock();
      },
      [] {
        shared.lock_shared();
        shared.unlock_shared();
        x = 2;
      }}},
    {"reversed-twice",
     {[] {
        Lock a(l);
        x = 1;
      },
      [] {
        Nothing(l);
        Nothing(l);
        x = 2;
      }}},
    {"reversed-second-of-two",
     {[] {
        Nothing(m);
        Lock a(l);
        x = 1;
      },
      [] {
        Nothing(l);
        Nothing(m);
        x = 2;
      }}},
    // ---- What a read found does not matter ----
    {"read-for-nothing",
     {[] {
        x = 1;
        flag = 1;
      },
      [] {
        See(flag);
        x = 2;
      }}},
    {"read-under-lock",
     {[] {
        x = 1;
        Lock lock(m);
        y = 1;
      },
      [] {
        {
          Lock lock(m);
          See(y);
        }
        x = 2;
      }}},
    // ---- Deadlocks ----
    {"deadlock-two",
     {[] {
        Lock a(m);
        Lock b(n);
      },
      [] {
        Lock b(n);
        Lock a(m);
      }}},
    {"deadlock-three",
     {[] {
        Lock a(l);
        Lock b(m);
      },
      [] {
        Lock a(m);
        Lock b(n);
      },
      [] {
        Lock a(n);
        Lock b(l);
      }}},
    {"deadlock-rwlock",
     {[] {
        shared.lock_shared();
        Nothing(m);
        shared.unlock_shared();
      },
      [] {
        Lock a(m);
        shared.lock();
        shared.unlock();
      }}},
    {"deadlock-after-others",
     {[] {
        Nothing(l);
        Lock a(m);
        Lock b(n);
      },
      [] {
        Lock b(n);
        Nothing(l);
        Lock a(m);
      }}},
    // ---- Neither ----
    {"no-common-lock",
     {[] {
        Lock a(m);
        x = 1;
      },
      [] {
        Lock a(m);
        x = 2;
      }}},
    {"no-branch-on-plain",
     {[] {
        x = 1;
        Lock a(m);
        y = 1;
      },
      [] {
        int got;
        {
          Lock a(m);
          got = y;
        }
        if (got != 0) x = 2;
      }}},
    {"no-branch-on-atomic",
     {[] {
        x = 1;
        flag = 1;
      },
      [] {
        if (flag != 0) x = 2;
      }}},
    {"no-branch-far",
     {[] {
        x = 1;
        Lock a(m);
        y = 1;
      },
      [] {
        {
          Lock a(m);
          if (y == 0) return;
        }
        Nothing(n);
        x = 2;
      }}},
    {"no-branch-chain",
     {[] {
        x = 1;
        Lock a(m);
        y = 1;
      },
      [] {
        Lock a(m);
        if (y != 0) {
          Lock b(n);
          z = 1;
        }
      },
      [] {
        int got;
        {
          Lock b(n);
          got = z;
        }
        if (got != 0) x = 2;
      }}},
    {"no-other-bytes",
     {[] {
        fields.first = 1;
        Nothing(m);
      },
      [] {
        Nothing(m);
        fields.second = 2;
      }}},
    {"no-two-reads",
     {[] {
        See(x);
        Nothing(m);
      },
      [] {
        Nothing(m);
        See(x);
      }}},
    {"no-atomics",
     {[] {
        flag = 1;
        Nothing(m);
      },
      [] {
        Nothing(m);
        flag = 2;
      }}},
    {"no-readers",
     {[] {
        shared.lock_shared();
        shared2.lock_shared();
        shared2.unlock_shared();
        shared.unlock_shared();
      },
      [] {
        shared2.lock_shared();
        shared.lock_shared();
        shared.unlock_shared();
        shared2.unlock_shared();
      }}},
    {"no-gate",
     {[] {
        Lock g(l);
        Lock a(m);
        Lock b(n);
      },
      [] {
        Lock g(l);
        Lock b(n);
        Lock a(m);
      }}},
    {"no-cycle-in-one",
     {[] {
        {
          Lock a(m);
          Lock b(n);
        }
        {
          Lock b(n);
          Lock a(m);
        }
      },
      [] { Nothing(m); }}},
    {"no-branch-before-lock",
     {[] {
        {
          Lock a(m);
          Lock b(n);
        }
        flag = 1;
      },
      [] {
        if (flag != 0) {
          Lock b(n);
          Lock a(m);
        }
      }}},
};

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) {
    for (const auto& [name, bodies] : kPrograms) std::printf("%s\n", name.c_str());
    return 0;
  }
  pthread_spin_init(&spin, 0);
  heap = new int(0);
  std::vector<std::thread> threads;
  for (const Body& body : kPrograms.at(argv[1])) threads.emplace_back(body);
  for (std::thread& thread : threads) thread.join();
  delete heap;
}
