// Histories of a concurrent object, and whether a sequential specification explains them.
//
// An operation is two markers, its invocation and its response. What is known of their order is a partial
// order: which markers of other threads must come before a marker. A history is a sequence of all markers
// that keeps to it; it is linearizable if each operation can be given a point between its markers such that
// the specification, in order of these points, gives the same results (Herlihy, Wing, "Linearizability",
// 1990). The search below asks whether ALL histories that the partial order allows are linearizable.
//
// One history is followed with the set of configurations that explain it so far, as in Lowe, "Testing for
// linearizability" (2017): a configuration is a state of the specification and the operations that have
// had their point; points are set as late as possible, when an operation is about to respond. Equal sets
// at the same markers are looked at once. A response that may come now comes now, and invocations wait
// for it: every other history has less order between operations, so it is explained if this one is.
#ifndef CSIM_DETAIL_HISTORY_H_
#define CSIM_DETAIL_HISTORY_H_

#pragma GCC system_header

#include <csim/detail/outcome.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

namespace csim::detail {

// Markers of a thread are numbered from 0: 2 i is the invocation of its operation i, 2 i + 1 the response.
struct marker {
  unsigned thread;
  unsigned number;
};

struct history {
  std::vector<std::vector<outcome>> results;  // by thread and operation
  // needs[t][n][u]: so many markers of thread u come before marker n of thread t.
  std::vector<std::vector<std::vector<unsigned>>> needs;
};

template <class T, class = void>
struct is_comparable : std::false_type {};
template <class T>
struct is_comparable<
    T, std::void_t<decltype(bool(std::declval<const T&>() == std::declval<const T&>()))>>
    : std::true_type {};

// `specify(state, thread, operation)` performs the operation on a Sequential and gives its outcome.
// Sequential can be copied; if it can be compared, equal states are known as such.
// REQUIRES: at most 64 operations.
template <class Sequential, class Specify>
class history_search {
 public:
  history_search(const history& recorded, const Sequential& initial, Specify specify)
      : recorded_(recorded), specify_(std::move(specify)) {
    for (const auto& thread : recorded.results) {
      first_.push_back(operations_);
      operations_ += static_cast<unsigned>(thread.size());
    }
    intern(initial);
  }

  // Whether a history that the order allows is not linearizable; then `*order` is its markers.
  bool find_violation(std::vector<marker>* order) {
    order_.clear();
    if (!search(positions(recorded_.results.size(), 0), {{0, 0}})) return false;
    *order = order_;
    return true;
  }

 private:
  using positions = std::vector<unsigned>;                   // markers done, by thread
  using configuration = std::pair<unsigned, std::uint64_t>;  // state, operations with their point
  static constexpr int kUnknown = -2;
  static constexpr int kImpossible = -1;

  unsigned intern(const Sequential& state) {
    if constexpr (is_comparable<Sequential>::value) {
      for (unsigned i = 0; i < states_.size(); ++i) {
        if (states_[i] == state) return i;
      }
    }
    states_.push_back(state);
    next_.emplace_back(operations_, kUnknown);
    return static_cast<unsigned>(states_.size() - 1);
  }

  // The state after the operation; kImpossible if it gives something else than was recorded.
  int step(unsigned state, unsigned thread, unsigned operation) {
    const unsigned at = first_[thread] + operation;
    if (next_[state][at] != kUnknown) return next_[state][at];
    Sequential after = states_[state];
    const bool explained =
        specify_(after, thread, operation) == recorded_.results[thread][operation];
    const int result = explained ? static_cast<int>(intern(after)) : kImpossible;
    return next_[state][at] = result;
  }

  // The configurations that explain that the thread's pending operation responds now.
  std::vector<configuration> respond(const std::vector<configuration>& from, const positions& at,
                                     unsigned thread) {
    const std::uint64_t wanted = std::uint64_t{1} << (first_[thread] + at[thread] / 2);
    std::vector<configuration> all = from;
    std::vector<configuration> result;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const configuration now = all[i];
      if ((now.second & wanted) != 0) {
        result.push_back(now);
        continue;
      }
      for (unsigned t = 0; t < at.size(); ++t) {
        if (at[t] % 2 == 0) continue;  // nothing pending
        const std::uint64_t bit = std::uint64_t{1} << (first_[t] + at[t] / 2);
        if ((now.second & bit) != 0) continue;
        const int state = step(now.first, t, at[t] / 2);
        if (state == kImpossible) continue;
        const configuration next{static_cast<unsigned>(state), now.second | bit};
        if (std::find(all.begin(), all.end(), next) == all.end()) all.push_back(next);
      }
    }
    std::sort(result.begin(), result.end());
    return result;
  }

  bool may_come(const positions& at, unsigned thread) const {
    if (at[thread] == 2 * recorded_.results[thread].size()) return false;
    const std::vector<unsigned>& needs = recorded_.needs[thread][at[thread]];
    for (unsigned u = 0; u < at.size(); ++u) {
      if (at[u] < needs[u]) return false;
    }
    return true;
  }

  void go_on(positions& at, unsigned thread) { order_.push_back({thread, at[thread]++}); }

  // All responses that may come now. False if one of them cannot be explained.
  bool take_responses(positions& at, std::vector<configuration>& explanations) {
    for (unsigned t = 0; t < at.size();) {
      if (at[t] % 2 == 0 || !may_come(at, t)) {
        ++t;
        continue;
      }
      explanations = respond(explanations, at, t);
      go_on(at, t);
      if (explanations.empty()) return false;
      t = 0;  // others may have waited for this one
    }
    return true;
  }

  // The rest of the history, in any order.
  void finish(positions& at) {
    for (bool more = true; more;) {
      more = false;
      for (unsigned t = 0; t < at.size() && !more; ++t) {
        if (!may_come(at, t)) continue;
        go_on(at, t);
        more = true;
      }
    }
  }

  bool search(positions at, std::vector<configuration> explanations) {
    const std::size_t length = order_.size();
    if (!take_responses(at, explanations)) {
      finish(at);
      return true;
    }
    if (seen_.emplace(at, explanations).second) {
      for (unsigned t = 0; t < at.size(); ++t) {
        if (!may_come(at, t)) continue;
        positions after = at;
        go_on(after, t);
        if (search(std::move(after), explanations)) return true;
        order_.pop_back();
      }
    }
    order_.resize(length);
    return false;
  }

  const history& recorded_;
  Specify specify_;
  std::vector<unsigned> first_;  // by thread: number of its first operation
  unsigned operations_ = 0;
  std::vector<Sequential> states_;
  std::vector<std::vector<int>> next_;  // by state and operation
  std::set<std::pair<positions, std::vector<configuration>>> seen_;
  std::vector<marker> order_;
};

}  // namespace csim::detail

#endif  // CSIM_DETAIL_HISTORY_H_
