// Is a concurrent object linearizable: does each of its operations seem to happen at one point between its
// call and its return? One calls it from several threads at once and compares what it gave with a
// sequential specification: a plain class with the same operations.
//
//   #include <csim/linearizable.h>
//
//   struct Specification {                                   // how the queue should behave
//     std::deque<int> items;
//     void push(int value) { items.push_back(value); }
//     std::optional<int> pop();
//     bool operator==(const Specification& other) const { return items == other.items; }
//   };
//
//   int main() {
//     csim::check_linearizable<LockFreeQueue, Specification>(
//         {2, 3},                                            // 2 threads, 3 operations each
//         csim::operation("push", [](auto& queue, int value) { queue.push(value); }, csim::fresh()),
//         csim::operation("pop", [](auto& queue) { return queue.pop(); }));
//   }
//
// operation(name, function, arguments...): the function is called with the object, and with the
// specification, and one value of each list of arguments. Results are compared: numbers, bool, enums,
// strings, std::optional, pairs, tuples, ranges, and what has a `std::string to_text(const T&)`; an
// exception derived from std::exception is a result too.
//   values(1, 2, 3)     each of these
//   range(from, to)     each number from `from` to `to`
//   fresh()             an int that no other operation of the scenario has: for what is put into a container
// Both classes are default-constructed; the specification can be copied, and should be comparable with ==.
//
// A scenario says which operations each thread calls. All of them are tried if there are at most
// `scenarios`, otherwise so many, by chance from `seed`, and the verdict is `bounded`.
//
// What exactly is checked. Under csim each scenario is explored like any program. For each execution, ALL
// histories are checked that the executions of its Mazurkiewicz trace can have: an operation counts as
// over before another one begins in every way that the dependences of the steps allow. So no order is
// missed although each trace is run once, recording costs no scheduling points, and the verdict `clean`
// says that every history of every scenario is linearizable. The history shown may need an order
// of the steps that is not that of the trace shown, but equivalent: independent steps come in another order.
// Natively, without csim, each scenario is run `rounds` times on real threads, and the history that
// happened is checked; what is found is printed, and the program aborted.
//
// An operation that blocks for ever is a deadlock, which csim reports. At most 64 operations in a scenario.
#ifndef CSIM_LINEARIZABLE_H_
#define CSIM_LINEARIZABLE_H_

#if __cplusplus < 201703L
#error "csim/linearizable.h needs C++17: -std=c++17"
#endif

#pragma GCC system_header  // csim shows the program's lines, not those of this file

#include <csim/csim.h>
#include <csim/detail/history.h>
#include <csim/detail/history_table.h>
#include <csim/detail/outcome.h>
#include <csim/detail/scenario.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

extern "C" {
std::uint64_t csim_order_mark(void) __attribute__((weak));
int csim_order_before(std::uint64_t a, std::uint64_t b) __attribute__((weak));
int csim_known(std::uint64_t key) __attribute__((weak));
void csim_remember(std::uint64_t key) __attribute__((weak));
void csim_bounded(const char* text) __attribute__((weak));
void csim_failed(const char* kind, const char* text, const char* detail) __attribute__((weak));
}

namespace csim {

struct linearizable_options {
  unsigned threads = 2;
  unsigned operations = 3;    // of each thread
  unsigned scenarios = 1000;  // at most
  unsigned seed = 1;
  unsigned rounds = 100;  // of each scenario, natively
};

// ---- Arguments ----

template <class T>
struct value_list {
  std::vector<T> list;
  unsigned count() const { return static_cast<unsigned>(list.size()); }
  T at(unsigned index, int) const { return list[index]; }
};

template <class T, class... Rest>
value_list<T> values(T first, Rest... rest) {
  return {{std::move(first), static_cast<T>(std::move(rest))...}};
}

template <class T>
value_list<T> range(T from, T to) {
  value_list<T> result;
  for (T value = from; value <= to; ++value) result.list.push_back(value);
  return result;
}

struct fresh {
  unsigned count() const { return 1; }
  int at(unsigned, int number) const { return number; }
};

// ---- Operations ----

template <class Function, class... Arguments>
struct operation_definition {
  const char* name;
  Function function;
  std::tuple<Arguments...> arguments;
};

template <class Function, class... Arguments>
operation_definition<Function, Arguments...> operation(const char* name, Function function,
                                                       Arguments... arguments) {
  return {name, std::move(function), {std::move(arguments)...}};
}

namespace detail {

// An operation whose types are forgotten. `number`: the one of the call in its scenario, from 1.
template <class Concurrent, class Sequential>
class any_operation {
 public:
  virtual ~any_operation() = default;
  virtual unsigned variants() const = 0;
  virtual std::string text(unsigned variant, int number) const = 0;
  virtual outcome run(Concurrent& object, unsigned variant, int number) const = 0;
  virtual outcome specify(Sequential& state, unsigned variant, int number) const = 0;
};

template <class Concurrent, class Sequential, class Function, class... Arguments>
class typed_operation final : public any_operation<Concurrent, Sequential> {
 public:
  using definition = operation_definition<Function, Arguments...>;
  explicit typed_operation(definition d) : definition_(std::move(d)) {}

  unsigned variants() const override {
    return std::apply([](const auto&... a) { return (1u * ... * a.count()); },
                      definition_.arguments);
  }
  std::string text(unsigned variant, int number) const override {
    std::string list;
    with_arguments(variant, number, [&](const auto&... values) {
      ((list += (list.empty() ? "" : ", ") + outcome_of(values).shown()), ...);
    });
    return definition_.name + ("(" + list + ")");
  }
  outcome run(Concurrent& object, unsigned variant, int number) const override {
    return call(object, variant, number);
  }
  outcome specify(Sequential& state, unsigned variant, int number) const override {
    return call(state, variant, number);
  }

 private:
  template <class Object>
  outcome call(Object& object, unsigned variant, int number) const {
    return outcome_of_call([&] {
      return with_arguments(variant, number, [&](const auto&... values) {
        return definition_.function(object, values...);
      });
    });
  }
  // The variant's digits are indices into the lists of arguments.
  template <class Use>
  decltype(auto) with_arguments(unsigned variant, int number, Use use) const {
    return with_arguments(variant, number, use, std::index_sequence_for<Arguments...>());
  }
  template <class Use, std::size_t... kIndex>
  decltype(auto) with_arguments(unsigned variant, int number, Use& use,
                                std::index_sequence<kIndex...>) const {
    [[maybe_unused]] const auto digit = [&](unsigned count) {
      const unsigned result = variant % count;
      variant /= count;
      return result;
    };
    [[maybe_unused]] const unsigned digits[] = {
        digit(std::get<kIndex>(definition_.arguments).count())..., 0};
    return use(std::get<kIndex>(definition_.arguments).at(digits[kIndex], number)...);
  }

  definition definition_;
};

template <class Concurrent, class Sequential, class Function, class... Arguments>
typed_operation<Concurrent, Sequential, Function, Arguments...> typed_operation_of(
    operation_definition<Function, Arguments...> definition) {
  return typed_operation<Concurrent, Sequential, Function, Arguments...>(std::move(definition));
}

// Points of time, and which come before which: in all executions of the trace under csim, natively in
// the one that happened.
inline std::uint64_t mark() {
  static std::atomic<std::uint64_t> clock;
  return csim_order_mark ? csim_order_mark() : clock.fetch_add(1);
}
inline bool comes_before(std::uint64_t a, std::uint64_t b) {
  return csim_order_before ? csim_order_before(a, b) != 0 : a < b;
}

struct recorded_call {
  outcome result;
  std::uint64_t marks[2] = {};  // invocation and response
};

inline history history_of(const std::vector<std::vector<recorded_call>>& calls) {
  const std::size_t threads = calls.size();
  history result;
  result.results.resize(threads);
  result.needs.resize(threads);
  const auto at = [&](std::size_t thread, unsigned number) {
    return calls[thread][number / 2].marks[number % 2];
  };
  for (std::size_t t = 0; t < threads; ++t) {
    for (const recorded_call& call : calls[t]) result.results[t].push_back(call.result);
    std::vector<unsigned> needs(threads, 0);  // a later marker needs no less
    for (unsigned n = 0; n < 2 * calls[t].size(); ++n) {
      for (std::size_t u = 0; u < threads; ++u) {
        while (u != t && needs[u] < 2 * calls[u].size() && comes_before(at(u, needs[u]), at(t, n)))
          ++needs[u];
      }
      result.needs[t].push_back(needs);
    }
  }
  return result;
}

// A hash of all that decides whether the history can be explained.
inline std::uint64_t key_of(const history& recorded, unsigned scenario) {
  std::uint64_t key = scenario;
  const auto add = [&key](std::uint64_t value) {
    key = (key ^ value) * 0xff51afd7ed558ccd;
    key ^= key >> 32;
  };
  for (const auto& thread : recorded.results) {
    for (const outcome& result : thread) {
      add(static_cast<std::uint64_t>(result.what));
      add(static_cast<std::uint64_t>(result.number));
      add(result.text.size());
      for (const char c : result.text) add(static_cast<unsigned char>(c));
    }
  }
  for (const auto& thread : recorded.needs) {
    for (const auto& needs : thread) {
      for (const unsigned count : needs) add(count);
    }
  }
  return key;
}

// One scenario: runs it and checks what came of it.
template <class Concurrent, class Sequential>
class scenario_run {
 public:
  using any = any_operation<Concurrent, Sequential>;
  struct call {
    const any* operation;
    unsigned variant;
    int number;
  };

  scenario_run(const std::vector<const any*>& operations, const scenarios::scenario& scenario) {
    int number = 0;
    for (const auto& thread : scenario) {
      calls_.emplace_back();
      for (unsigned variant : thread) {
        std::size_t which = 0;
        while (variant >= operations[which]->variants()) variant -= operations[which++]->variants();
        calls_.back().push_back({operations[which], variant, ++number});
      }
    }
  }

  // Text of a history that cannot be explained; empty if there is none. Executions of the scenario that have
  // the same results and order as an earlier one are not looked at again.
  std::string run(unsigned index) {
    Concurrent object;
    const Sequential initial{};
    mark();
    perform(object);
    const history recorded = history_of(records_);
    const std::uint64_t key = csim_known ? key_of(recorded, index) : 0;
    if (csim_known && csim_known(key)) return "";
    const auto specify = [this](Sequential& state, unsigned thread, unsigned operation) {
      const call& c = calls_[thread][operation];
      return c.operation->specify(state, c.variant, c.number);
    };
    history_search<Sequential, decltype(specify)> search(recorded, initial, specify);
    std::vector<marker> order;
    if (search.find_violation(&order)) return history_table(texts(), order);
    if (csim_remember) csim_remember(key);
    return "";
  }

 private:
  void perform(Concurrent& object) {
    records_.clear();
    for (const auto& thread : calls_) records_.emplace_back(thread.size());
    std::atomic<std::size_t> missing{csim_order_mark ? 0 : calls_.size()};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < calls_.size(); ++t) {
      threads.emplace_back([this, t, &object, &missing] {
        if (!csim_order_mark) {  // natively, the threads begin together
          --missing;
          while (missing != 0) std::this_thread::yield();
        }
        for (std::size_t i = 0; i < calls_[t].size(); ++i) {
          const call& c = calls_[t][i];
          recorded_call& record = records_[t][i];
          record.marks[0] = mark();
          record.result = c.operation->run(object, c.variant, c.number);
          record.marks[1] = mark();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  std::vector<std::vector<std::string>> texts() const {
    std::vector<std::vector<std::string>> result(calls_.size());
    for (std::size_t t = 0; t < calls_.size(); ++t) {
      for (std::size_t i = 0; i < calls_[t].size(); ++i) {
        const call& c = calls_[t][i];
        const std::string gave = records_[t][i].result.shown();
        result[t].push_back(c.operation->text(c.variant, c.number) +
                            (gave.empty() ? "" : ": " + gave));
      }
    }
    return result;
  }

  std::vector<std::vector<call>> calls_;              // by thread
  std::vector<std::vector<recorded_call>> records_;  // the same
};

[[noreturn]] inline void fail(const std::string& scenario, const std::string& table) {
  const std::string text = "not linearizable: no sequential order of the operations explains their results";
  const std::string detail = scenario + "\n\n" + table;
  if (csim_failed) csim_failed("linearizability", text.c_str(), detail.c_str());
  std::fprintf(stderr, "%s\n%s", text.c_str(), detail.c_str());
  std::abort();
}

template <class Concurrent, class Sequential>
void check_scenarios(const linearizable_options& options,
                     const std::vector<const any_operation<Concurrent, Sequential>*>& operations) {
  unsigned variants = 0;
  for (const auto* operation : operations) variants += operation->variants();
  const scenarios all(options.threads, options.operations, variants, options.scenarios,
                      options.seed);
  if (!all.complete() && csim_bounded) csim_bounded("a sample of the scenarios of check_linearizable");
  const auto check = [&](unsigned index) {
    scenario_run<Concurrent, Sequential> run(operations, all.at(index));
    const std::string table = run.run(index);
    if (table.empty()) return;
    fail("Scenario " + std::to_string(index + 1) + " of " + std::to_string(all.count()) + ":", table);
  };
  if (csim_choose) return check(csim_choose(all.count()));
  for (unsigned index = 0; index < all.count(); ++index) {
    for (unsigned round = 0; round < options.rounds; ++round) check(index);
  }
}

}  // namespace detail

// Checks a Concurrent against a Sequential; see above. REQUIRES: at least one operation.
template <class Concurrent, class Sequential, class... Operations>
void check_linearizable(const linearizable_options& options, Operations... operations) {
  const auto typed = [](auto definition) {
    return detail::typed_operation_of<Concurrent, Sequential>(std::move(definition));
  };
  const auto all = std::make_tuple(typed(std::move(operations))...);
  std::apply(
      [&](const auto&... each) {
        detail::check_scenarios<Concurrent, Sequential>(options, {&each...});
      },
      all);
}

}  // namespace csim

#endif  // CSIM_LINEARIZABLE_H_
