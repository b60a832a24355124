// The lock design kit: write a lock class, and csim decides what holds of it.
//
//   #include <csim/lock_spec.h>
//   class MyLock { public: void lock(); void unlock(); };
//   int main() { return csim::check_lock<MyLock>(); }
//
// `csim explore my_lock.cpp` explores a small program for each property and prints a table. A lock has
// lock() and unlock(), and may have try_lock() and try_lock_for(duration); a read-write lock has
// lock_shared() and unlock_shared() beside, and may have the shared forms of the others. It is made by its
// default constructor. lock_slot() tells it which task calls: 0, 1, ... below the number of tasks.
//
// Properties of check_lock. "Inside" is between lock() and unlock(). All of them hold for every execution
// of the generated program; "demanded" ones are bugs if they do not hold, the others are decided and shown.
//   mutual-exclusion   at most one task is inside
//   no-data-race       what a task wrote inside is seen by the next one inside: by the memory orders of
//                      the lock each unlock() happens before the next lock()
//   deadlock-freedom   every task that calls lock() comes inside, if those inside leave
//   try-lock           try_lock() takes a free lock, fails on one that another task holds, never waits,
//                      and excludes as lock() does
//   timed-lock         try_lock_for() takes a free lock, gives up on one that stays held, and leaves the
//                      lock usable then
//   reentrant          (if options.reentrant) who is inside may lock() again; others stay out until it
//                      has unlocked as often
//   first-come-first-served  (demanded if options.fair) whoever waits comes inside before whoever calls
//                      lock() later. A task waits when it has called lock() and can do nothing more until
//                      the holder leaves; how two tasks that come at the same time are served is open
//   overtaking         measured: how often at most one task comes inside again while another waits, if it
//                      comes once, twice, three times. (1, 2, 3: it grows with the rounds.) A bug if it is
//                      more than options.fairness_bound
// Properties of check_rwlock: as above, where readers do not exclude each other, and
//   readers-share      in some execution two readers are inside together
//   recursive-read     who reads may take the read lock again while a writer waits (seldom demanded: only
//                      of reader_first)
//   reader-first       a reader never waits for a writer that only waits itself
//   writer-first       while a writer waits, no reader comes inside
//   first-come-first-served  a reader and a writer, or two writers, come inside in the order in which they
//                      began to wait
//   together-write-first  of a reader and a writer that come at the same time, while a writer is inside,
//                      the writer goes first
//   earlier-read-first a reader that waits before a writer comes goes before it
//   writers-wait       measured: how often, at most, a reader comes inside while a writer waits, if it comes
//                      after that writer, once, twice, three times, and there always is a reader inside
//   readers-wait       measured: how often, at most, a writer comes inside while a reader waits, if it comes
//                      after that reader, once, twice, three times
// The policy says which of these are demanded: rw_policy::notes means together-write-first and
// earlier-read-first (in the words of the notes that csim began with: "if a read and a write come at the
// same time, the write goes first; if the read came first, the write has no priority").
//
// Who waits, and came first, is certain by virtual time: a task comes when nobody else can go on. Works
// without csim too: then each program runs once. C++17.
#ifndef CSIM_LOCK_SPEC_H_
#define CSIM_LOCK_SPEC_H_

#if __cplusplus < 201703L
#error "csim/lock_spec.h needs C++17: -std=c++17"
#endif

#pragma GCC system_header  // csim shows the program's lines, not those of this file

#include <csim/csim.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

extern "C" {
struct csim_property {
  const char* name;
  const char* text;
  unsigned flags;
};
unsigned csim_properties(const csim_property* list, unsigned count) __attribute__((weak));
void csim_measure(const char* what, uint64_t value) __attribute__((weak));
void csim_failed(const char* kind, const char* text, const char* detail)
    __attribute__((weak, noreturn));
}

namespace csim {

struct lock_options {
  int tasks = 2;            // that use the lock in each program
  int rounds = 2;           // how often each of them does
  bool reentrant = false;   // who is inside may lock again
  bool fair = false;        // first come, first served
  int fairness_bound = -1;  // how often a waiting task may be passed; -1: as often as it likes
};

enum class rw_policy { any, reader_first, writer_first, first_come, notes };

namespace spec {

enum : unsigned {
  kReached = 1,
  kVirtualTime = 2,
  kNotDemanded = 4,
  kNoRaces = 8,
  kNoDeadlocks = 16
};

inline int& slot() {
  thread_local int number = 0;
  return number;
}

[[noreturn]] inline void failed(const char* kind, const std::string& text) {
  if (csim_failed) csim_failed(kind, text.c_str(), nullptr);
  std::fprintf(stderr, "%s: %s\n", kind, text.c_str());
  std::abort();
}

inline void require(bool holds, const char* otherwise) {
  if (!holds) failed("property", otherwise);
}

inline void reached(const char* text) {
  if (csim_failed) csim_failed("reached", text, nullptr);
}

inline void measure(const std::string& what, int value) {
  if (csim_measure) csim_measure(what.c_str(), static_cast<uint64_t>(value));
}

// Until nobody else can go on.
inline void settle() {
  if (csim_properties) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
  } else {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

// A task of the scene, that is joined when it goes.
class Task {
 public:
  template <class F>
  Task(int number, F f) : thread_([number, f]() mutable { slot() = number, f(); }) {}
  Task(Task&&) = default;
  ~Task() {
    if (thread_.joinable()) thread_.join();
  }
  void join() { thread_.join(); }

 private:
  std::thread thread_;
};

// f(0) ... f(n - 1), each in a task.
template <class F>
void together(int n, F f) {
  std::vector<Task> tasks;
  tasks.reserve(static_cast<size_t>(n));
  for (int i = 0; i < n; ++i) tasks.emplace_back(i, [f, i] { f(i); });
}

// What the scenes note; aligned, so that it does not share a word with the lock.
template <class T>
struct alignas(8) Noted : std::atomic<T> {
  explicit Noted(T value) : std::atomic<T>(value) {}
};

// Who is inside, as the tasks themselves say.
class Room {
 public:
  void write() {
    require(inside_.fetch_add(kWriter, std::memory_order_relaxed) == 0,
            "a task comes inside while another is");
    note("is inside");
    inside_.fetch_sub(kWriter, std::memory_order_relaxed);
  }
  void read() {
    require(inside_.fetch_add(1, std::memory_order_relaxed) < kWriter,
            "a reader comes inside while a writer is");
    note("is inside");
    inside_.fetch_sub(1, std::memory_order_relaxed);
  }
  void meet() {
    if (inside_.fetch_add(1, std::memory_order_relaxed) == 1) reached("two readers are inside");
    inside_.fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  static constexpr int kWriter = 1000;
  Noted<int> inside_{0};
};

// The properties that a program states.
class Specification {
 public:
  void add(const char* name, const char* text, unsigned flags, std::function<void()> check) {
    stated_.push_back({name, text, flags});
    checks_.push_back(std::move(check));
  }

  // What main returns. Natively each program that is demanded runs once.
  int run() {
    if (csim_properties) {
      const unsigned chosen =
          csim_properties(stated_.data(), static_cast<unsigned>(stated_.size()));
      if (chosen < checks_.size()) checks_[chosen]();
      return 0;
    }
    for (size_t i = 0; i < checks_.size(); ++i) {
      if ((stated_[i].flags & kNotDemanded) != 0) continue;
      checks_[i]();
      std::printf("%s: ran once\n", stated_[i].name);
    }
    return 0;
  }

 private:
  std::vector<csim_property> stated_;
  std::vector<std::function<void()>> checks_;
};

using Milliseconds = std::chrono::milliseconds;

#define CSIM_SPEC_HAS(NAME, CALL)   \
  template <class L, class = void>  \
  struct NAME : std::false_type {}; \
  template <class L>                \
  struct NAME<L, std::void_t<decltype(CALL)>> : std::true_type {}
CSIM_SPEC_HAS(has_try, std::declval<L&>().try_lock());
CSIM_SPEC_HAS(has_timed, std::declval<L&>().try_lock_for(Milliseconds(1)));
CSIM_SPEC_HAS(has_try_shared, std::declval<L&>().try_lock_shared());
CSIM_SPEC_HAS(has_timed_shared, std::declval<L&>().try_lock_shared_for(Milliseconds(1)));
#undef CSIM_SPEC_HAS

// ---- Locks ----

template <class L>
void mutual_exclusion(const lock_options& o) {
  L lock;
  Room room;
  together(o.tasks, [&](int) {
    for (int i = 0; i < o.rounds; ++i) {
      lock.lock();
      room.write();
      lock.unlock();
    }
  });
}

template <class L>
void no_data_race(const lock_options& o) {
  L lock;
  int data = 0;
  together(o.tasks, [&](int) {
    for (int i = 0; i < o.rounds; ++i) {
      lock.lock();
      ++data;
      lock.unlock();
    }
  });
  require(data == o.tasks * o.rounds, "an update made inside is lost");
}

template <class L>
void deadlock_freedom(const lock_options& o) {
  L lock;
  together(o.tasks, [&](int) {
    for (int i = 0; i < o.rounds; ++i) {
      lock.lock();
      lock.unlock();
    }
  });
}

// Whether another task gets the lock by `attempt`, which lets go of it again.
template <class F>
bool other_gets(F attempt) {
  bool got = false;
  Task(1, [&] { got = attempt(); });
  return got;
}

template <class L>
bool try_once(L& lock) {
  if (!lock.try_lock()) return false;
  lock.unlock();
  return true;
}

template <class L>
bool try_for(L& lock) {
  if (!lock.try_lock_for(Milliseconds(1))) return false;
  lock.unlock();
  return true;
}

template <class L>
void try_lock() {
  L lock;
  if (csim::choose(2) == 0) {
    require(other_gets([&] { return try_once(lock); }), "try_lock fails on a free lock");
    lock.lock();
    require(!other_gets([&] { return try_once(lock); }), "try_lock takes a lock that is held");
    lock.unlock();
    require(other_gets([&] { return try_once(lock); }), "try_lock fails on a lock that was left");
    return;
  }
  Room room;
  together(2, [&](int number) {
    if (number == 0) {
      lock.lock();
    } else if (!lock.try_lock()) {
      return;
    }
    room.write();
    lock.unlock();
  });
  require(try_once(lock), "try_lock fails on a lock that nobody holds any more");
}

template <class L>
void timed_lock() {
  L lock;
  if (csim::choose(2) == 0) {
    require(other_gets([&] { return try_for(lock); }), "try_lock_for fails on a free lock");
    lock.lock();
    require(!other_gets([&] { return try_for(lock); }), "try_lock_for takes a lock that is held");
    lock.unlock();
    require(other_gets([&] { return try_for(lock); }),
            "try_lock_for fails on a lock that was left");
    return;
  }
  Room room;
  together(2, [&](int number) {
    if (number == 0) {
      lock.lock();
    } else if (!lock.try_lock_for(Milliseconds(1))) {
      return;
    }
    room.write();
    lock.unlock();
  });
  lock.lock();  // whoever gave up has left nothing behind
  lock.unlock();
}

template <class L>
void reentrant() {
  L lock;
  Noted<bool> mine{true};
  lock.lock();
  lock.lock();
  Task other(1, [&] {
    lock.lock();
    require(!mine.load(std::memory_order_relaxed), "a task comes inside before the last unlock");
    lock.unlock();
  });
  lock.unlock();
  mine.store(false, std::memory_order_relaxed);
  lock.unlock();
}

// Main is inside; another task comes, and waits; main leaves, and comes again or a third one has come.
template <class L>
void first_come_first_served(const lock_options& o) {
  L lock;
  Noted<int> order{0};
  int first = -1;
  int second = -1;
  lock.lock();
  Task waits(1, [&] {
    lock.lock();
    first = order.fetch_add(1, std::memory_order_relaxed);
    lock.unlock();
  });
  settle();
  const auto come_later = [&] {
    lock.lock();
    second = order.fetch_add(1, std::memory_order_relaxed);
    lock.unlock();
  };
  if (o.tasks < 3 || csim::choose(2) == 0) {
    lock.unlock();
    come_later();
  } else {
    Task later(2, come_later);
    settle();
    lock.unlock();
  }
  waits.join();
  require(first < second, "a task that came later came inside before one that was waiting");
}

template <class L>
void overtaking(const lock_options& o) {
  const int rounds = 1 + static_cast<int>(csim::choose(3));
  L lock;
  Noted<bool> entered{false};
  int passed = 0;
  lock.lock();
  Task waits(1, [&] {
    lock.lock();
    entered.store(true, std::memory_order_relaxed);
    lock.unlock();
  });
  settle();
  lock.unlock();
  for (int i = 0; i < rounds; ++i) {
    lock.lock();
    if (!entered.load(std::memory_order_relaxed)) ++passed;
    lock.unlock();
  }
  measure("passed by one that comes " + std::to_string(rounds) + "x", passed);
  if (o.fairness_bound >= 0 && passed > o.fairness_bound) {
    failed("starvation", "a waiting task was passed " + std::to_string(passed) + " times");
  }
}

// ---- Read-write locks ----

enum class Kind { kReader, kWriter };

inline const char* name_of(Kind kind) { return kind == Kind::kReader ? "reader" : "writer"; }

template <class L>
void enter(L& lock, Kind kind) {
  kind == Kind::kReader ? lock.lock_shared() : lock.lock();
}

template <class L>
void leave(L& lock, Kind kind) {
  kind == Kind::kReader ? lock.unlock_shared() : lock.unlock();
}

// Two writers and a reader, or one and two readers, once each.
template <class L, class F>
void crowd(L& lock, F inside) {
  const bool readers = csim::choose(2) != 0;
  together(3, [&, readers](int number) {
    const Kind kind = number == 0 || (number == 1 && !readers) ? Kind::kWriter : Kind::kReader;
    enter(lock, kind);
    inside(kind);
    leave(lock, kind);
  });
}

template <class L>
void rw_mutual_exclusion() {
  L lock;
  Room room;
  crowd(lock, [&](Kind kind) { kind == Kind::kWriter ? room.write() : room.read(); });
}

template <class L>
void rw_no_data_race() {
  L lock;
  int data = 0;
  crowd(lock, [&](Kind kind) {
    if (kind == Kind::kWriter) {
      ++data;
    } else {
      require(data >= 0, "a reader sees half a write");
    }
  });
}

template <class L>
void rw_deadlock_freedom() {
  L lock;
  if (csim::choose(2) == 0) return crowd(lock, [](Kind) {});
  together(2, [&](int number) {
    const Kind kind = number == 0 ? Kind::kWriter : Kind::kReader;
    for (int i = 0; i < 2; ++i) {
      enter(lock, kind);
      leave(lock, kind);
    }
  });
}

template <class L>
void readers_share() {
  L lock;
  Room room;
  together(2, [&](int) {
    lock.lock_shared();
    room.meet();
    lock.unlock_shared();
  });
}

template <class L>
bool try_once_shared(L& lock) {
  if (!lock.try_lock_shared()) return false;
  lock.unlock_shared();
  return true;
}

template <class L>
bool try_for_shared(L& lock) {
  if (!lock.try_lock_shared_for(Milliseconds(1))) return false;
  lock.unlock_shared();
  return true;
}

template <class L>
void try_lock_shared() {
  L lock;
  require(other_gets([&] { return try_once_shared(lock); }),
          "try_lock_shared fails on a free lock");
  lock.lock_shared();
  require(other_gets([&] { return try_once_shared(lock); }),
          "try_lock_shared fails although only readers are inside");
  lock.unlock_shared();
  lock.lock();
  require(!other_gets([&] { return try_once_shared(lock); }),
          "try_lock_shared takes a lock that a writer holds");
  lock.unlock();
}

template <class L>
void timed_lock_shared() {
  L lock;
  lock.lock();
  require(!other_gets([&] { return try_for_shared(lock); }),
          "try_lock_shared_for takes a lock that a writer holds");
  lock.unlock();
  require(other_gets([&] { return try_for_shared(lock); }),
          "try_lock_shared_for fails on a free lock");
}

template <class L>
void recursive_read() {
  L lock;
  lock.lock_shared();
  Task writer(1, [&] {
    lock.lock();
    lock.unlock();
  });
  settle();
  lock.lock_shared();
  lock.unlock_shared();
  lock.unlock_shared();
}

// Somebody holds the lock, two others come, one after the other or together, and the first leaves.
struct Scene {
  Kind holder;
  Kind first;
  Kind second;
  bool together;
  Kind winner;  // who has to come inside first; of two writers: the first
};

template <class L>
void play(const Scene& scene) {
  L lock;
  Noted<int> order{0};
  int places[2] = {};
  const auto come = [&](Kind kind, int& place) {
    enter(lock, kind);
    place = order.fetch_add(1, std::memory_order_relaxed);
    note(kind == Kind::kReader ? "a reader is inside" : "a writer is inside");
    leave(lock, kind);
  };
  enter(lock, scene.holder);
  {
    Task first(1, [&] { come(scene.first, places[0]); });
    if (!scene.together) settle();
    Task second(2, [&] { come(scene.second, places[1]); });
    settle();
    leave(lock, scene.holder);
  }
  const bool first_wins = scene.winner == scene.first;
  if (first_wins == (places[0] < places[1])) return;
  const std::string first = name_of(scene.first);
  const std::string second = name_of(scene.second);
  failed("property", std::string("a ") + name_of(scene.holder) + " is inside, a " + first +
                         (scene.together ? " and a " : " waits, a ") + second +
                         (scene.together ? " come together" : " comes later") + ": the " +
                         (first_wins ? (first == second ? "second" : second) : first) +
                         " goes first");
}

template <class L, size_t kCount>
void play_one(const Scene (&scenes)[kCount]) {
  play<L>(scenes[csim::choose(kCount)]);
}

constexpr Kind R = Kind::kReader;
constexpr Kind W = Kind::kWriter;
inline constexpr Scene kReaderFirst[] = {
    {R, W, R, false, R}, {W, R, W, false, R}, {W, W, R, false, R}, {W, R, W, true, R}};
inline constexpr Scene kWriterFirst[] = {
    {R, W, R, false, W}, {W, R, W, false, W}, {W, W, R, false, W}, {W, R, W, true, W}};
inline constexpr Scene kFirstCome[] = {
    {R, W, R, false, W}, {W, R, W, false, R}, {W, W, R, false, W}, {W, W, W, false, W}};
inline constexpr Scene kTogether[] = {{W, R, W, true, W}};
inline constexpr Scene kEarlierRead[] = {{W, R, W, false, R}};

// `holder` is inside, `waits` waits, and another task of the kind `other` comes up to three times.
template <class L>
void passing(Kind holder, Kind waits, Kind other) {
  const int rounds = 1 + static_cast<int>(csim::choose(3));
  L lock;
  Noted<bool> entered{false};
  int passed = 0;
  enter(lock, holder);
  {
    Task waiting(1, [&] {
      enter(lock, waits);
      entered.store(true, std::memory_order_relaxed);
      leave(lock, waits);
    });
    settle();
    Task passes(2, [&] {
      for (int i = 0; i < rounds; ++i) {
        enter(lock, other);
        if (!entered.load(std::memory_order_relaxed)) ++passed;
        leave(lock, other);
      }
    });
    settle();
    leave(lock, holder);
  }
  measure(
      std::string("passed by a ") + name_of(other) + " that comes " + std::to_string(rounds) + "x",
      passed);
}

constexpr unsigned demanded(bool is) { return is ? 0u : unsigned{kNotDemanded}; }

// try_lock, try_lock_for of any lock.
template <class L>
void add_tries(Specification& all) {
  if constexpr (has_try<L>::value) {
    all.add("try-lock",
            "try_lock takes a free lock, fails on a held one, never waits, and excludes", kNoRaces,
            [] { try_lock<L>(); });
  }
  if constexpr (has_timed<L>::value) {
    all.add("timed-lock", "try_lock_for takes a free lock, and gives up on one that stays held",
            kNoRaces, [] { timed_lock<L>(); });
  }
}

}  // namespace spec

// Which task of the generated program calls: 0, 1, ..., options.tasks - 1.
inline int lock_slot() { return spec::slot(); }

// What main returns.
template <class L>
int check_lock(lock_options o = {}) {
  using namespace spec;
  Specification all;
  all.add("mutual-exclusion", "at most one task is inside", kNoRaces | kNoDeadlocks,
          [=] { mutual_exclusion<L>(o); });
  all.add("no-data-race", "what a task writes inside is seen by the next one inside", kNoDeadlocks,
          [=] { no_data_race<L>(o); });
  all.add("deadlock-freedom", "every task that calls lock comes inside", kNoRaces,
          [=] { deadlock_freedom<L>(o); });
  add_tries<L>(all);
  if (o.reentrant) {
    all.add("reentrant", "who is inside may lock again", kNoRaces, [] { reentrant<L>(); });
  }
  constexpr unsigned kScene = kVirtualTime | kNoRaces | kNoDeadlocks;
  all.add("first-come-first-served", "a waiting task comes inside before whoever comes later",
          kScene | demanded(o.fair), [=] { first_come_first_served<L>(o); });
  all.add("overtaking", "how often a waiting task is passed",
          kScene | demanded(o.fairness_bound >= 0), [=] { overtaking<L>(o); });
  return all.run();
}

// The same for a read-write lock.
template <class L>
int check_rwlock(rw_policy policy = rw_policy::any) {
  using namespace spec;
  Specification all;
  all.add("mutual-exclusion", "a writer is alone inside", kNoRaces | kNoDeadlocks,
          [] { rw_mutual_exclusion<L>(); });
  all.add("no-data-race", "what a writer writes inside is seen by the next one inside",
          kNoDeadlocks, [] { rw_no_data_race<L>(); });
  all.add("deadlock-freedom", "every task that asks comes inside", kNoRaces,
          [] { rw_deadlock_freedom<L>(); });
  all.add("readers-share", "two readers can be inside together", kReached | kNoRaces | kNoDeadlocks,
          [] { readers_share<L>(); });
  add_tries<L>(all);
  if constexpr (has_try_shared<L>::value) {
    all.add("try-lock-shared", "try_lock_shared fails where a writer is inside, and only there",
            kNoRaces, [] { try_lock_shared<L>(); });
  }
  if constexpr (has_timed_shared<L>::value) {
    all.add("timed-lock-shared", "try_lock_shared_for gives up on a lock that a writer keeps",
            kNoRaces, [] { timed_lock_shared<L>(); });
  }
  const bool notes = policy == rw_policy::notes;
  constexpr unsigned kScene = kVirtualTime | kNoRaces | kNoDeadlocks;
  all.add("recursive-read", "who reads may read again while a writer waits",
          kVirtualTime | kNoRaces | demanded(policy == rw_policy::reader_first),
          [] { recursive_read<L>(); });
  all.add("reader-first", "a reader never waits for a writer that only waits itself",
          kScene | demanded(policy == rw_policy::reader_first), [] { play_one<L>(kReaderFirst); });
  all.add("writer-first", "while a writer waits, no reader comes inside",
          kScene | demanded(policy == rw_policy::writer_first), [] { play_one<L>(kWriterFirst); });
  all.add("first-come-first-served", "who waits comes inside before whoever comes later",
          kScene | demanded(policy == rw_policy::first_come), [] { play_one<L>(kFirstCome); });
  all.add("together-write-first", "of a read and a write that come together, the write goes first",
          kScene | demanded(notes), [] { play_one<L>(kTogether); });
  all.add("earlier-read-first", "a read that came before the write goes before it",
          kScene | demanded(notes), [] { play_one<L>(kEarlierRead); });
  all.add("writers-wait", "how often a waiting writer is passed by a reader", kScene | kNotDemanded,
          [] { passing<L>(R, W, R); });
  all.add("readers-wait", "how often a waiting reader is passed by a writer", kScene | kNotDemanded,
          [] { passing<L>(W, R, W); });
  return all.run();
}

}  // namespace csim

#endif  // CSIM_LOCK_SPEC_H_
