// Orders of the events of an observed execution that end in front of given events, and that the program
// can certainly follow: every read reads from the same writes, and locks exclude.
//
// Two ways to find one. The first is linear in the number of events and keeps all operations on the same lock in
// the order in which they were observed (Mathur, Pavlogiannis, Viswanathan, "Optimal prediction of
// synchronization-preserving races", POPL 2021; Tunç et al., "Sound dynamic deadlock prediction in linear
// time", PLDI 2023). The second finds any (the maximal causal model of Huang, Meredith, Rosu, PLDI
// 2014, with "the same writes" for "the same value"), by Z3.
#ifndef CSIM_CHECKER_PREDICTION_FEASIBLE_ORDER_H_
#define CSIM_CHECKER_PREDICTION_FEASIBLE_ORDER_H_

#include <cstdint>
#include <vector>

#include "checker/prediction/history.h"

namespace csim {

// Events in an order that can be followed.
using Order = std::vector<int>;

enum class QueryEnd : uint8_t {
  kFound,
  kImpossible,  // no order of these events leads there
  kGaveUp,      // there may be one
};

struct QueryResult {
  QueryEnd end = QueryEnd::kGaveUp;
  Order order;  // kFound
};

// Whether reads have to find the same writes. If not, the program may turn out to do something else.
enum class Reads : uint8_t { kTheSame, kAnything };

// Looks for an order after which each of the `goals` (events of different tasks) is the next event of its
// task, and that keeps the order of operations on each lock. Gives up if only that stands against it.
QueryResult KeepLockOrder(const History& history, const std::vector<int>& goals,
                          Reads reads = Reads::kTheSame);

// Budget of a query: steps of Z3's own counter, so that the answer is the same on every machine.
inline constexpr unsigned kQueryBudget = 20'000'000;
inline constexpr size_t kMostQueryEvents = 600;

// The same, for any order of the operations on locks. Gives up when out of budget, or if there are too many
// events to ask.
QueryResult AskAnyOrder(const History& history, const std::vector<int>& goals,
                        unsigned budget = kQueryBudget);

}  // namespace csim

#endif  // CSIM_CHECKER_PREDICTION_FEASIBLE_ORDER_H_
