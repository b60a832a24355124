// Double-checked locking: make the one instance when it is first wanted, and take the lock only as long as
// it may not be there. The first look is outside the lock; it is right only if it is an atomic access
// that acquires what the store released. Wrong:
//   -DPLAIN     the pointer is a plain variable: the look races with the store
//   -DRELAXED   the pointer is atomic, but without memory orders: it may be there before what it points to
//   -DONCE      the second look, under the lock, is forgotten: two are made
//
// csim: --outcomes
// expect: clean
// outcomes: "42 42, made 1\n"
//
// csim: -DPLAIN
// expect: bug data-race instance
//
// csim: -DRELAXED
// expect: bug data-race
//
// csim: -DONCE
// expect: bug assertion
#include <atomic>
#include <cassert>
#include <cstdio>
#include <mutex>
#include <thread>

struct Settings {
  int answer = 0;
};

std::mutex mutex;
int made = 0;  // guarded by mutex

#if defined(PLAIN)
Settings* instance = nullptr;
Settings* Look() { return instance; }
void Show(Settings* settings) { instance = settings; }
#else
std::atomic<Settings*> instance{nullptr};
#if defined(RELAXED)
Settings* Look() { return instance.load(std::memory_order_relaxed); }
void Show(Settings* settings) { instance.store(settings, std::memory_order_relaxed); }
#else
Settings* Look() { return instance.load(std::memory_order_acquire); }
void Show(Settings* settings) { instance.store(settings, std::memory_order_release); }
#endif
#endif

Settings* Instance() {
  Settings* settings = Look();
  if (settings != nullptr) return settings;
  const std::lock_guard<std::mutex> lock(mutex);
#ifndef ONCE
  settings = Look();
#endif
  if (settings == nullptr) {
    settings = new Settings;
    settings->answer = 42;
    ++made;
    assert(made == 1);
    Show(settings);
  }
  return settings;
}

int main() {
  int first = 0;
  int second = 0;
  std::thread one([&] { first = Instance()->answer; });
  std::thread two([&] { second = Instance()->answer; });
  one.join();
  two.join();
  std::printf("%d %d, made %d\n", first, second, made);
  delete Look();
}
