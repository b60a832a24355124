// The search for a history that no sequential order explains, against brute force: all sequences of the
// markers, and for each all orders of the operations.
#include <csim/detail/history.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <numeric>
#include <random>

namespace csim::detail {
namespace {

struct Call {
  enum Kind { kWrite, kRead, kExchange } kind;
  int argument;
};

struct Register {
  int value = 0;
  int Do(const Call& call) {
    switch (call.kind) {
      case Call::kWrite: value = call.argument; return 0;
      case Call::kRead: return value;
      case Call::kExchange: return std::exchange(value, call.argument);
    }
    return 0;
  }
  bool operator==(const Register& other) const { return value == other.value; }
};

struct NotComparable {
  Register inner;
  int Do(const Call& call) { return inner.Do(call); }
};

struct Case {
  std::vector<std::vector<Call>> calls;
  history recorded;
  unsigned operations() const {
    unsigned count = 0;
    for (const auto& thread : calls) count += static_cast<unsigned>(thread.size());
    return count;
  }
};

std::vector<std::vector<std::vector<unsigned>>> NoNeeds(const Case& c) {
  std::vector<std::vector<std::vector<unsigned>>> needs(c.calls.size());
  for (size_t t = 0; t < c.calls.size(); ++t) {
    needs[t].assign(2 * c.calls[t].size(), std::vector<unsigned>(c.calls.size(), 0));
  }
  return needs;
}

// A partial order of the markers: some pairs of a random sequence of them, and what follows.
std::vector<std::vector<std::vector<unsigned>>> RandomNeeds(const Case& c, double density,
                                                            std::mt19937& random) {
  auto needs = NoNeeds(c);
  std::vector<unsigned> at(c.calls.size(), 0);
  std::vector<std::vector<unsigned>> known(c.calls.size(), std::vector<unsigned>(at.size(), 0));
  std::bernoulli_distribution linked(density);
  for (unsigned done = 0; done < 2 * c.operations();) {
    const size_t t = random() % at.size();
    if (at[t] == 2 * c.calls[t].size()) continue;
    for (size_t u = 0; u < at.size(); ++u) {
      if (u == t || at[u] == 0 || !linked(random)) continue;
      // The last marker of u, and what that one needs, come before this one.
      known[t][u] = std::max(known[t][u], at[u]);
      const auto& its = needs[u][at[u] - 1];
      for (size_t v = 0; v < at.size(); ++v) {
        if (v != t) known[t][v] = std::max(known[t][v], its[v]);
      }
    }
    needs[t][at[t]++] = known[t];
    ++done;
  }
  return needs;
}

// By brute force, whether the markers in this order have an explanation: some order of the operations in
// which none comes before one that had responded before it was invoked.
bool IsLinearizable(const Case& c, const std::vector<marker>& order) {
  struct Operation {
    unsigned thread, number;
    size_t invoked, responded;
  };
  std::vector<Operation> operations;
  for (size_t i = 0; i < order.size(); ++i) {
    const marker& m = order[i];
    if (m.number % 2 == 0) {
      operations.push_back({m.thread, m.number / 2, i, 0});
    } else {
      for (Operation& o : operations) {
        if (o.thread == m.thread && o.number == m.number / 2) o.responded = i;
      }
    }
  }
  std::vector<size_t> sequence(operations.size());
  std::iota(sequence.begin(), sequence.end(), 0);
  do {
    bool good = true;
    Register state;
    for (size_t i = 0; i < sequence.size() && good; ++i) {
      const Operation& o = operations[sequence[i]];
      for (size_t j = i + 1; j < sequence.size(); ++j) {
        if (operations[sequence[j]].responded < o.invoked) good = false;
      }
      good = good && outcome_of(state.Do(c.calls[o.thread][o.number])) ==
                         c.recorded.results[o.thread][o.number];
    }
    if (good) return true;
  } while (std::next_permutation(sequence.begin(), sequence.end()));
  return false;
}

bool Allowed(const Case& c, const std::vector<marker>& order) {
  std::vector<unsigned> at(c.calls.size(), 0);
  for (const marker& m : order) {
    if (m.number != at[m.thread]) return false;
    for (size_t u = 0; u < at.size(); ++u) {
      if (at[u] < c.recorded.needs[m.thread][m.number][u]) return false;
    }
    ++at[m.thread];
  }
  return order.size() == 2 * c.operations();
}

bool AllLinearizable(const Case& c, std::vector<unsigned>& at, std::vector<marker>& order) {
  if (order.size() == 2 * c.operations()) return IsLinearizable(c, order);
  for (unsigned t = 0; t < at.size(); ++t) {
    if (at[t] == 2 * c.calls[t].size()) continue;
    const auto& needs = c.recorded.needs[t][at[t]];
    bool may_come = true;
    for (size_t u = 0; u < at.size(); ++u) may_come = may_come && at[u] >= needs[u];
    if (!may_come) continue;
    order.push_back({t, at[t]++});
    const bool good = AllLinearizable(c, at, order);
    order.pop_back();
    --at[t];
    if (!good) return false;
  }
  return true;
}

template <class State>
bool FindViolation(const Case& c, std::vector<marker>* order) {
  const auto specify = [&](State& state, unsigned thread, unsigned operation) {
    return outcome_of(state.Do(c.calls[thread][operation]));
  };
  history_search<State, decltype(specify)> search(c.recorded, State{}, specify);
  return search.find_violation(order);
}

Case RandomCase(std::mt19937& random, int threads, int operations, double density) {
  Case c;
  for (int t = 0; t < threads; ++t) {
    c.calls.emplace_back();
    for (int i = 0; i < operations; ++i) {
      c.calls.back().push_back(
          {static_cast<Call::Kind>(random() % 3), static_cast<int>(random() % 3)});
    }
  }
  c.recorded.needs = RandomNeeds(c, density, random);
  // Results of some sequential order, so that there is a good chance that they can be explained.
  std::vector<unsigned> at(c.calls.size(), 0);
  c.recorded.results.resize(c.calls.size());
  Register state;
  for (unsigned done = 0; done < c.operations();) {
    const size_t t = random() % at.size();
    if (at[t] == c.calls[t].size()) continue;
    c.recorded.results[t].push_back(outcome_of(state.Do(c.calls[t][at[t]++])));
    ++done;
  }
  return c;
}

TEST(History, SearchAgreesWithBruteForce) {
  std::mt19937 random(3);
  int good = 0;
  int bad = 0;
  for (int i = 0; i < 6000; ++i) {
    const bool three = i % 3 == 0;
    const Case c = RandomCase(random, three ? 3 : 2, three ? 1 + i % 2 : 1 + i % 3,
                              std::vector<double>{0.1, 0.3, 0.6, 1.0}[random() % 4]);
    if (three && c.operations() > 5) continue;
    std::vector<unsigned> at(c.calls.size(), 0);
    std::vector<marker> order;
    const bool expected = AllLinearizable(c, at, order);
    ++(expected ? good : bad);
    for (const bool comparable : {true, false}) {
      const bool violated =
          comparable ? FindViolation<Register>(c, &order) : FindViolation<NotComparable>(c, &order);
      ASSERT_EQ(violated, !expected) << "case " << i;
      if (!violated) continue;
      EXPECT_TRUE(Allowed(c, order)) << "case " << i;
      EXPECT_FALSE(IsLinearizable(c, order)) << "case " << i;
    }
  }
  EXPECT_GT(good, 500);
  EXPECT_GT(bad, 500);
}

// write(1) is over before read begins in one of the orders, though nothing says that it must be.
TEST(History, OrdersThatDidNotHappenCount) {
  Case c;
  c.calls = {{{Call::kWrite, 1}}, {{Call::kRead, 0}}};
  c.recorded.results = {{outcome_of(0)}, {outcome_of(0)}};
  c.recorded.needs = NoNeeds(c);
  std::vector<marker> order;
  EXPECT_TRUE(FindViolation<Register>(c, &order));
  // But if the read must have begun before the write is over, they overlap at least.
  c.recorded.needs[0][1][1] = 1;
  EXPECT_FALSE(FindViolation<Register>(c, &order));
}

}  // namespace
}  // namespace csim::detail
