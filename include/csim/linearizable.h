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
// Both classes are default-constructed; the specification can be copied, and should be comparable with ==. It
// takes no locks and uses no atomics: how often it is called is not the same in all executions.
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
// (A scenario's executions with the same results and order as an earlier one, by a 64-bit hash, are not
// checked again.)
// Natively, without csim, each scenario is run `rounds` times on real threads, and the history that
// happened is checked; what is found is printed, and the program aborted.
//
// Give each check a program, or a csim::choose, of its own: scenarios of two in a row multiply.
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
  // Different for operations of different types.
  virtual std::uintptr_t identity() const = 0;
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

  std::uintptr_t identity() const override { return reinterpret_cast<std::uintptr_t>(&kIdentity); }
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

  static inline const char kIdentity = 0;
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

// The calls of all threads, in one list: there is one of these for each execution, so it is made of few pieces.
struct records {
  records(unsigned threads, unsigned operations)
      : threads(threads), operations(operations), calls(std::size_t{threads} * operations) {}
  recorded_call& at(unsigned thread, unsigned operation) {
    return calls[std::size_t{thread} * operations + operation];
  }
  std::uint64_t mark_at(unsigned thread, unsigned number) {
    return at(thread, number / 2).marks[number % 2];
  }
  const unsigned threads, operations;
  std::vector<recorded_call> calls;
};

// history::needs, in one list.
inline std::vector<unsigned> needs_of(records& r) {
  const unsigned markers = 2 * r.operations;
  std::vector<unsigned> result(std::size_t{r.threads} * markers * r.threads, 0);
  for (unsigned t = 0; t < r.threads; ++t) {
    for (unsigned u = 0; u < r.threads; ++u) {
      unsigned needed = 0;  // a later marker needs no less
      for (unsigned n = 0; n < markers && u != t; ++n) {
        while (needed < markers && comes_before(r.mark_at(u, needed), r.mark_at(t, n))) ++needed;
        result[(std::size_t{t} * markers + n) * r.threads + u] = needed;
      }
    }
  }
  return result;
}

inline history history_of(records& r, const std::vector<unsigned>& needs) {
  history result;
  result.results.resize(r.threads);
  result.needs.resize(r.threads);
  auto from = needs.begin();
  for (unsigned t = 0; t < r.threads; ++t) {
    for (unsigned i = 0; i < r.operations; ++i) result.results[t].push_back(r.at(t, i).result);
    for (unsigned n = 0; n < 2 * r.operations; ++n, from += r.threads) {
      result.needs[t].emplace_back(from, from + r.threads);
    }
  }
  return result;
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

  scenario_run(const std::vector<const any*>& operations, const scenarios& all, unsigned index)
      : scenario_(all.at(index)), records_(all.threads(), all.operations()) {
    calls_.reserve(scenario_.size());
    for (unsigned variant : scenario_) {
      std::size_t which = 0;
      while (variant >= operations[which]->variants()) variant -= operations[which++]->variants();
      calls_.push_back({operations[which], variant, static_cast<int>(calls_.size()) + 1});
    }
  }

  // Text of a history that cannot be explained; empty if there is none. Executions of the scenario that have
  // the same results and order as an earlier one are not looked at again.
  std::string run() {
    Concurrent object;
    mark();
    perform(object);
    const std::vector<unsigned> needs = needs_of(records_);
    const std::uint64_t key = csim_known ? key_of(needs) : 0;
    if (csim_known && csim_known(key)) return "";
    const std::string table = check(needs);
    if (table.empty() && csim_remember) csim_remember(key);
    return table;
  }

 private:
  const call& call_of(unsigned thread, unsigned operation) const {
    return calls_[std::size_t{thread} * records_.operations + operation];
  }

  // A hash of all that decides whether the history can be explained.
  std::uint64_t key_of(const std::vector<unsigned>& needs) const {
    std::uint64_t key = records_.operations;
    const auto add = [&key](std::uint64_t value) {
      key = (key ^ value) * 0xff51afd7ed558ccd;
      key ^= key >> 32;
    };
    const auto add_text = [&add](const std::string& text) {
      add(text.size());
      for (const char c : text) add(static_cast<unsigned char>(c));
    };
    for (const call& c : calls_) {
      add(c.operation->identity());
      add_text(c.operation->text(c.variant, c.number));
    }
    for (const recorded_call& call : records_.calls) {
      add(static_cast<std::uint64_t>(call.result.what));
      add(static_cast<std::uint64_t>(call.result.number));
      add_text(call.result.text);
    }
    for (const unsigned count : needs) add(count);
    return key;
  }

  void perform(Concurrent& object) {
    std::atomic<unsigned> missing{csim_order_mark ? 0 : records_.threads};
    std::vector<std::thread> threads;
    threads.reserve(records_.threads);
    for (unsigned t = 0; t < records_.threads; ++t) {
      threads.emplace_back([this, t, &object, &missing] {
        if (!csim_order_mark) {  // natively, the threads begin together
          --missing;
          while (missing != 0) std::this_thread::yield();
        }
        for (unsigned i = 0; i < records_.operations; ++i) {
          const call& c = call_of(t, i);
          recorded_call& record = records_.at(t, i);
          record.marks[0] = mark();
          record.result = c.operation->run(object, c.variant, c.number);
          record.marks[1] = mark();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  std::string check(const std::vector<unsigned>& needs) {
    const history recorded = history_of(records_, needs);
    const auto specify = [this](Sequential& state, unsigned thread, unsigned operation) {
      const call& c = call_of(thread, operation);
      return c.operation->specify(state, c.variant, c.number);
    };
    history_search<Sequential, decltype(specify)> search(recorded, Sequential{}, specify);
    std::vector<marker> order;
    return search.find_violation(&order) ? history_table(texts(), order) : "";
  }

  std::vector<std::vector<std::string>> texts() {
    std::vector<std::vector<std::string>> result(records_.threads);
    for (unsigned t = 0; t < records_.threads; ++t) {
      for (unsigned i = 0; i < records_.operations; ++i) {
        const call& c = call_of(t, i);
        const std::string gave = records_.at(t, i).result.shown();
        result[t].push_back(c.operation->text(c.variant, c.number) +
                            (gave.empty() ? "" : ": " + gave));
      }
    }
    return result;
  }

  const scenarios::scenario scenario_;
  std::vector<call> calls_;  // of all threads, as in the records
  records records_;
};

[[noreturn]] inline void fail(const std::string& scenario, const std::string& table) {
  const std::string text =
      "not linearizable: no sequential order of the operations explains their results";
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
  if (!all.complete() && csim_bounded)
    csim_bounded("a sample of the scenarios of check_linearizable");
  const auto check = [&](unsigned index) {
    const std::string table = scenario_run<Concurrent, Sequential>(operations, all, index).run();
    if (table.empty()) return;
    fail("Scenario " + std::to_string(index + 1) + " of " + std::to_string(all.count()) + ":",
         table);
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
