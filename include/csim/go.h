// Goroutines and channels for C++20, with Go's rules: a goroutine is a thread, a channel is a queue of
// at most `capacity` values under a mutex, and who has to wait sleeps on a semaphore of its own.
// Everything is made of std::thread, std::mutex and POSIX semaphores, so csim explores it as it
// explores any program; natively it runs as it is.
//
//   int main() {
//     go::Main([] {
//       go::Chan<int> squares = go::MakeChan<int>();      // make(chan int)
//       go::Go([=] {                                      // go func() { ... }()
//         for (int i : {1, 2, 3}) squares.Send(i * i);    // squares <- i * i
//         squares.Close();                                // close(squares)
//       });
//       for (int square : squares) Use(square);           // for square := range squares
//     });
//   }
//
// Main(f)            f is the main goroutine: when it returns, the program ends, and with it all others
// Go(f, args...)     a new goroutine; the arguments are copied before it begins
// Defer d(f)         f runs when the scope ends: by return, by a panic and by Goexit, not by Exit
// throw Panic("")    a panic; `catch (const Panic&)` is recover. Uncaught, it ends the program
// Gosched Goexit Exit(code) GOMAXPROCS(n) Sleep(duration)                 as in runtime, os and time
// Chan<T>            Send Receive ReceiveOk Close, and range-for; Chan<T>() is nil
// Select(cases...)   of Send(c, value, then), Receive(c, then), Default(then)
// WaitGroup Mutex Once                                                    as in sync
//
// Channels, wait groups and mutexes are handles: copies mean the same one, so that a goroutine captures
// them by value ([=]). What they mean lives to the end of the program; there is no garbage collector
// that would know when the last goroutine is done with it.
//
// If every goroutine sleeps, csim reports a deadlock, and natively the program ends as in Go: "all
// goroutines are asleep". Which of several ready cases select takes is up to csim::choose under csim
// and up to chance natively.
#ifndef CSIM_GO_H_
#define CSIM_GO_H_

#if __cplusplus < 202002L
#error "csim/go.h needs C++20: -std=c++20"
#endif

#pragma GCC system_header  // csim shows the program's lines, not those of this file

#include <csim/csim.h>
#include <semaphore.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace go {

// A panic. What it unwinds runs its deferred calls.
class Panic : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {

struct GoexitRequest {};  // unwinds a goroutine up to its first function

inline bool UnderCsim() { return csim_choose != nullptr; }

// ---- Sleeping ----

// How many goroutines are awake. Natively only: csim sees by itself that all sleep, and the count
// would be one more thing whose order is explored.
inline std::atomic<long> awake{1};

[[noreturn]] inline void Fatal(const char* text) {
  std::fflush(stdout);
  std::fprintf(stderr, "fatal error: %s\n", text);
  _exit(2);
}

inline void OneLessAwake() {
  if (!UnderCsim() && awake.fetch_sub(1) == 1) Fatal("all goroutines are asleep - deadlock!");
}

// What one goroutine sleeps on. Never freed: a channel may remember a select that is over.
struct Sleeper {
  Sleeper() { sem_init(&woken, 0, 0); }
  sem_t woken;
  uint64_t selects = 0;  // so far; the owner's
  std::atomic<uint64_t> undecided{
      0};  // number of the select that waits for its first case; 0: none
};

inline Sleeper& Self() {
  thread_local Sleeper* const self = new Sleeper;
  return *self;
}

inline void Sleep() {
  OneLessAwake();
  while (sem_wait(&Self().woken) != 0) {
  }
}

inline void Wake(Sleeper& sleeper) {
  if (!UnderCsim()) awake.fetch_add(1);
  sem_post(&sleeper.woken);
}

// A number below n.
inline size_t Choose(size_t n) {
  if (n < 2) return 0;
  if (UnderCsim()) return csim_choose(static_cast<unsigned>(n));
  thread_local uint64_t state =
      static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (state >> 33) % n;
}

// ---- Channels without their type ----

class Channel;

// One wish to send or receive: a case of a select, or the only one of a plain operation.
struct Case {
  Channel* channel = nullptr;  // null: nil, never ready
  bool sends = false;
  void* value = nullptr;  // what is sent, or where to put what is received
  bool done = false;
  bool ok = false;  // false: the channel was closed

  void Finish(bool is_ok) {
    done = true;
    ok = is_ok;
  }
};

// Somebody who sleeps until a case of his can be done.
struct Waiting {
  Sleeper* sleeper;
  Case* wish;       // valid as long as the select is undecided
  uint64_t select;  // its number; 0: a plain operation, which waits for nothing else
};

enum class Answer { kDone, kNotReady, kPanics };

class Channel {
 public:
  explicit Channel(size_t capacity) : capacity_(capacity) {}
  virtual ~Channel() = default;

  std::mutex mutex;  // guards everything below, and is held at every call

  // False: `wish` cannot be done now. True: it may be; Try says.
  virtual bool MayBeReady(const Case& wish) const = 0;

  // Does what `wish` wants if that can be done at once. Whom that wakes goes to `woken`.
  virtual Answer Try(Case& wish, std::vector<Sleeper*>& woken) = 0;
  virtual void Close(std::vector<Sleeper*>& woken) = 0;

  void Enqueue(const Waiting& waiting) {
    std::vector<Waiting>& queue = waiting.wish->sends ? senders_ : receivers_;
    std::erase_if(queue, [&](const Waiting& old) {  // selects of his that other channels decided
      return old.sleeper == waiting.sleeper && old.select != waiting.select;
    });
    queue.push_back(waiting);
  }

 protected:
  // The first in the queue who still waits; null if there is none.
  static Case* Claim(std::vector<Waiting>& queue, std::vector<Sleeper*>& woken) {
    while (!queue.empty()) {
      const Waiting first = queue.front();
      queue.erase(queue.begin());
      uint64_t undecided = first.select;
      if (first.select == 0 || first.sleeper->undecided.compare_exchange_strong(undecided, 0)) {
        woken.push_back(first.sleeper);
        return first.wish;
      }
    }
    return nullptr;
  }

  const size_t capacity_;
  bool closed_ = false;
  std::vector<Waiting> senders_;
  std::vector<Waiting> receivers_;
};

template <typename T>
class ChannelOf : public Channel {
 public:
  using Channel::Channel;

  bool MayBeReady(const Case& wish) const override {
    if (closed_) return true;
    return wish.sends ? !receivers_.empty() || values_.size() < capacity_
                      : !senders_.empty() || !values_.empty();
  }

  Answer Try(Case& wish, std::vector<Sleeper*>& woken) override {
    return wish.sends ? TrySend(wish, woken) : TryReceive(wish, woken);
  }

  void Close(std::vector<Sleeper*>& woken) override {
    closed_ = true;
    while (Case* receiver = Claim(receivers_, woken)) {
      ValueOf(*receiver) = T();
      receiver->Finish(false);
    }
    while (Case* sender = Claim(senders_, woken)) sender->Finish(false);
  }

  bool IsClosed() const { return closed_; }

 private:
  static T& ValueOf(Case& wish) { return *static_cast<T*>(wish.value); }

  Answer TrySend(Case& wish, std::vector<Sleeper*>& woken) {
    if (closed_) return Answer::kPanics;
    if (Case* receiver = Claim(receivers_, woken)) {
      ValueOf(*receiver) = std::move(ValueOf(wish));
      receiver->Finish(true);
    } else if (values_.size() < capacity_) {
      values_.push_back(std::move(ValueOf(wish)));
    } else {
      return Answer::kNotReady;
    }
    wish.Finish(true);
    return Answer::kDone;
  }

  Answer TryReceive(Case& wish, std::vector<Sleeper*>& woken) {
    if (!values_.empty()) {
      ValueOf(wish) = std::move(values_.front());
      values_.erase(values_.begin());
      if (Case* sender = Claim(senders_, woken)) {
        values_.push_back(std::move(ValueOf(*sender)));
        sender->Finish(true);
      }
    } else if (Case* sender = Claim(senders_, woken)) {
      ValueOf(wish) = std::move(ValueOf(*sender));
      sender->Finish(true);
    } else if (closed_) {
      ValueOf(wish) = T();
      wish.Finish(false);
      return Answer::kDone;
    } else {
      return Answer::kNotReady;
    }
    wish.Finish(true);
    return Answer::kDone;
  }

  std::vector<T> values_;  // at most capacity_
};

// The locks of the channels of some cases, each once, always in the same order.
class Locked {
 public:
  explicit Locked(const std::vector<Case*>& wishes) {
    for (const Case* wish : wishes) {
      auto at = channels_.begin();
      while (at != channels_.end() && *at < wish->channel) ++at;
      const bool is_new = at == channels_.end() || *at != wish->channel;
      if (wish->channel != nullptr && is_new) channels_.insert(at, wish->channel);
    }
    for (Channel* channel : channels_) channel->mutex.lock();
  }
  ~Locked() {
    for (Channel* channel : channels_) channel->mutex.unlock();
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  std::vector<Channel*> channels_;
};

// Does one of `wishes` that can be done at once.
inline Answer TryOneOf(std::vector<Case*> wishes, std::vector<Sleeper*>& woken) {
  std::erase_if(wishes, [](const Case* wish) {
    return wish->channel == nullptr || !wish->channel->MayBeReady(*wish);
  });
  while (!wishes.empty()) {
    const size_t pick = Choose(wishes.size());
    const Answer answer = wishes[pick]->channel->Try(*wishes[pick], woken);
    if (answer != Answer::kNotReady) return answer;
    wishes.erase(wishes.begin() + static_cast<std::ptrdiff_t>(pick));
  }
  return Answer::kNotReady;
}

inline void Enqueue(const std::vector<Case*>& wishes) {
  Sleeper& self = Self();
  const uint64_t select = wishes.size() > 1 ? ++self.selects : 0;
  if (select != 0) self.undecided.store(select);
  for (Case* wish : wishes) {
    if (wish->channel != nullptr) wish->channel->Enqueue({&self, wish, select});
  }
}

// Does one of `wishes`. If none can be done: returns if there is a default, else sleeps until another
// goroutine has done one.
inline void DoOneOf(const std::vector<Case*>& wishes, bool has_default) {
  std::vector<Sleeper*> woken;
  Answer answer = Answer::kNotReady;
  {
    const Locked locked(wishes);
    answer = TryOneOf(wishes, woken);
    if (answer == Answer::kNotReady && !has_default) Enqueue(wishes);
  }
  for (Sleeper* sleeper : woken) Wake(*sleeper);
  if (answer == Answer::kNotReady && !has_default) {
    Sleep();
    for (const Case* wish : wishes) {
      if (wish->done && wish->sends && !wish->ok) answer = Answer::kPanics;
    }
  }
  if (answer == Answer::kPanics) throw Panic("send on closed channel");
}

// The first function of a goroutine. A panic that nobody recovers from unwinds it, so that deferred
// calls run, and then ends the program, since it cannot leave a function that is noexcept.
template <typename F>
void RunGoroutine(F& f) noexcept {
  try {
    f();
  } catch (const GoexitRequest&) {
  } catch (...) {
    std::fflush(stdout);
    throw;
  }
}

}  // namespace detail

// ---- Goroutines ----

template <typename F, typename... Arguments>
void Go(F f, Arguments... arguments) {
  if (!detail::UnderCsim()) detail::awake.fetch_add(1);
  std::thread([=]() mutable {
    auto call = [&] { f(std::move(arguments)...); };
    detail::RunGoroutine(call);
    detail::OneLessAwake();
  }).detach();
}

[[noreturn]] inline void Exit(int code) {
  std::fflush(stdout);
  _exit(code);
}

// REQUIRES: all of the program's main function.
template <typename F>
[[noreturn]] void Main(F f) {
  bool returned = false;
  auto main = [&] {
    f();
    returned = true;
  };
  detail::RunGoroutine(main);
  if (returned) Exit(0);
  for (;;) detail::Sleep();  // Goexit: the others go on, and nobody ever wakes this one
}

[[noreturn]] inline void Goexit() { throw detail::GoexitRequest(); }
inline void Gosched() { std::this_thread::yield(); }

template <typename Duration>
void Sleep(const Duration& duration) {
  std::this_thread::sleep_for(duration);
}

// Sets how many goroutines may run at the same moment, and gives the number before; n < 1 only asks.
// It is a number and nothing else, since it allows no execution and forbids none: a goroutine may lose
// the processor at any point, also if there is only one.
inline int GOMAXPROCS(int n) {
  static std::atomic<int> processors{static_cast<int>(std::thread::hardware_concurrency())};
  return n < 1 ? processors.load() : processors.exchange(n);
}

// Deferred calls run in the opposite order of their definition. They must not panic.
template <typename F>
class Defer {
 public:
  explicit Defer(F f) : f_(std::move(f)) {}
  ~Defer() { f_(); }
  Defer(const Defer&) = delete;
  Defer& operator=(const Defer&) = delete;

 private:
  F f_;
};

// ---- Channels ----

template <typename T>
class Chan {
 public:
  Chan() = default;  // nil: sending and receiving wait for ever
  explicit Chan(size_t capacity) : channel_(new detail::ChannelOf<T>(capacity)) {}

  // Waits until there is room, or, without a buffer, until somebody receives. Panics if the channel is
  // closed, also while it waits.
  void Send(T value) const { Do(true, value); }

  // Waits for a value. T() if the channel is closed and empty.
  T Receive() const { return ReceiveOk().first; }

  // The value, and whether there was one; false: the channel is closed and empty.
  std::pair<T, bool> ReceiveOk() const {
    T value{};
    const bool ok = Do(false, value);
    return {std::move(value), ok};
  }

  // No more values will come; those in the buffer still do. Panics if it is closed already, or nil.
  void Close() const {
    if (channel_ == nullptr) throw Panic("close of nil channel");
    std::vector<detail::Sleeper*> woken;
    {
      const std::lock_guard<std::mutex> lock(channel_->mutex);
      if (channel_->IsClosed()) throw Panic("close of closed channel");
      channel_->Close(woken);
    }
    for (detail::Sleeper* sleeper : woken) detail::Wake(*sleeper);
  }

  // `for (T value : channel)` receives until the channel is closed and empty.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = const T&;
    explicit Iterator(const Chan& chan) : chan_(&chan) { ++*this; }
    const T& operator*() const { return value_.first; }
    Iterator& operator++() {
      value_ = chan_->ReceiveOk();
      return *this;
    }
    bool operator!=(std::default_sentinel_t) const { return value_.second; }

   private:
    const Chan* chan_;
    std::pair<T, bool> value_;
  };
  Iterator begin() const { return Iterator(*this); }
  std::default_sentinel_t end() const { return {}; }

  detail::Channel* channel() const { return channel_; }

 private:
  bool Do(bool sends, T& value) const {
    detail::Case wish{channel_, sends, &value};
    detail::DoOneOf({&wish}, false);
    return wish.ok;
  }

  detail::ChannelOf<T>* channel_ = nullptr;
};

// make(chan T, capacity); without a capacity, who sends and who receives wait for each other.
template <typename T>
Chan<T> MakeChan(size_t capacity = 0) {
  return Chan<T>(capacity);
}

// ---- Select ----

namespace detail {

template <typename T, typename Then>
struct SendCase : Case {
  T storage;
  Then then;
  Case* Wish() {
    value = &storage;
    return this;
  }
  bool IsChosen(bool) const { return done; }
  void Run() { then(); }
};

template <typename T, typename Then>
struct ReceiveCase : Case {
  T storage{};
  Then then;
  Case* Wish() {
    value = &storage;
    return this;
  }
  bool IsChosen(bool) const { return done; }
  void Run() {
    if constexpr (std::is_invocable_v<Then, T, bool>) {
      then(std::move(storage), ok);
    } else {
      then(std::move(storage));
    }
  }
};

template <typename Then>
struct DefaultCase {
  Then then;
  Case* Wish() { return nullptr; }
  bool IsChosen(bool none_done) const { return none_done; }
  void Run() { then(); }
};

}  // namespace detail

// Cases of Select. `then` of a receive takes the value, or the value and whether there was one.
template <typename T, typename Then>
auto Send(const Chan<T>& chan, std::type_identity_t<T> value, Then then) {
  return detail::SendCase<T, Then>{{chan.channel(), true}, std::move(value), std::move(then)};
}
template <typename T, typename Then>
auto Receive(const Chan<T>& chan, Then then) {
  return detail::ReceiveCase<T, Then>{{chan.channel(), false}, T{}, std::move(then)};
}
template <typename Then>
auto Default(Then then) {
  return detail::DefaultCase<Then>{std::move(then)};
}

// Waits until one of the cases can be done, does it, and calls its `then`. With a Default it does not
// wait. Without any case it waits for ever.
template <typename... Cases>
void Select(Cases... cases) {
  std::vector<detail::Case*> wishes = {cases.Wish()...};
  const bool has_default = std::erase(wishes, nullptr) != 0;
  detail::DoOneOf(wishes, has_default);
  bool none_done = true;
  for (const detail::Case* wish : wishes) none_done = none_done && !wish->done;
  ((cases.IsChosen(none_done) ? cases.Run() : void()), ...);
}

// ---- sync ----

class WaitGroup {
 public:
  void Add(int n) const {
    std::vector<detail::Sleeper*> woken;
    {
      const std::lock_guard<std::mutex> lock(state_->mutex);
      if (state_->count + n < 0) throw Panic("sync: negative WaitGroup counter");
      state_->count += n;
      if (state_->count == 0) woken.swap(state_->sleepers);
    }
    for (detail::Sleeper* sleeper : woken) detail::Wake(*sleeper);
  }
  void Done() const { Add(-1); }

  // Until the count is 0.
  void Wait() const {
    {
      const std::lock_guard<std::mutex> lock(state_->mutex);
      if (state_->count == 0) return;
      state_->sleepers.push_back(&detail::Self());
    }
    detail::Sleep();
  }

 private:
  struct State {
    std::mutex mutex;  // guards all
    int count = 0;
    std::vector<detail::Sleeper*> sleepers;
  };
  State* state_ = new State;
};

// As in Go, another goroutine may unlock it; so it is no std::mutex but a channel with one place.
class Mutex {
 public:
  void Lock() const { place_.Send({}); }
  void Unlock() const {
    Select(Receive(place_, [](Nothing) {}),
           Default([] { detail::Fatal("sync: unlock of unlocked mutex"); }));
  }

 private:
  struct Nothing {};
  Chan<Nothing> place_{1};
};

class Once {
 public:
  // Calls f if this is the first call; returns when that call has ended.
  template <typename F>
  void Do(F f) const {
    mutex_.Lock();
    const Defer unlock([this] { mutex_.Unlock(); });
    if (std::exchange(*done_, true)) return;
    f();
  }

 private:
  Mutex mutex_;
  bool* done_ = new bool(false);  // guarded by mutex_
};

}  // namespace go

#endif  // CSIM_GO_H_
