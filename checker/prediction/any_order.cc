// The query to Z3: one integer for the place of each event, one truth value for whether it is there.
#include <z3++.h>

#include <algorithm>
#include <map>
#include <string>

#include "checker/prediction/feasible_order.h"

namespace csim {
namespace {

class Query {
 public:
  Query(const History& history, const std::vector<int>& goals, unsigned budget)
      : history_(history), goals_(goals), solver_(context_, "QF_IDL") {
    z3::params params(context_);
    params.set("rlimit", budget);
    solver_.set(params);
    const size_t n = history.events.size();
    place_.reserve(n);
    there_.reserve(n);
    for (size_t i = 0; i < n; ++i) {
      place_.push_back(context_.int_const(("o" + std::to_string(i)).c_str()));
      there_.push_back(context_.bool_const(("i" + std::to_string(i)).c_str()));
    }
  }

  QueryResult Ask() {
    KeepTasks();
    KeepReads();
    ExcludeHolders();
    for (const int goal : goals_) {
      solver_.add(!There(goal));
      if (const int before = At(goal).previous; before != kNone) solver_.add(There(before));
    }
    switch (solver_.check()) {
      case z3::sat: return {QueryEnd::kFound, Read(solver_.get_model())};
      case z3::unsat: return {QueryEnd::kImpossible, {}};
      default: return {QueryEnd::kGaveUp, {}};
    }
  }

 private:
  const HistoryEvent& At(int event) const { return history_.events[static_cast<size_t>(event)]; }
  const z3::expr& Place(int event) const { return place_[static_cast<size_t>(event)]; }
  const z3::expr& There(int event) const { return there_[static_cast<size_t>(event)]; }
  int Count() const { return static_cast<int>(history_.events.size()); }

  void RestsOn(int event, int needed) {
    solver_.add(z3::implies(There(event), There(needed) && Place(needed) < Place(event)));
  }

  void KeepTasks() {
    for (int i = 0; i < Count(); ++i) {
      if (At(i).previous != kNone) RestsOn(i, At(i).previous);
      for (const int needed : At(i).needs) RestsOn(i, needed);
    }
  }

  bool Meet(int a, int b) const { return history_.MeetInMemory(a, b); }

  // Every read that is there reads what it did: from its writes, with no other in between.
  void KeepReads() {
    std::map<uint64_t, std::vector<int>> writes;
    for (int i = 0; i < Count(); ++i) {
      if (At(i).is_write) writes[history_.GranuleOf(i)].push_back(i);
    }
    for (int r = 0; r < Count(); ++r) {
      if (!At(r).is_read) continue;
      for (const int source : At(r).sources) {
        if (At(source).task != At(r).task) RestsOn(r, source);
      }
      for (const int w : writes[history_.GranuleOf(r)]) {
        const auto& sources = At(r).sources;
        const bool is_source = std::find(sources.begin(), sources.end(), w) != sources.end();
        if (w == r || is_source || !Meet(w, r)) continue;
        z3::expr elsewhere = Place(r) < Place(w);
        if (!sources.empty()) {
          z3::expr before = context_.bool_val(true);
          for (const int source : sources) {
            if (Meet(source, w)) before = before && Place(w) < Place(source);
          }
          elsewhere = elsewhere || before;
        }
        solver_.add(z3::implies(There(r) && There(w), elsewhere));
      }
    }
  }

  void ExcludeHolders() {
    std::map<int, std::vector<int>> acquires;
    for (int i = 0; i < Count(); ++i) {
      if (At(i).action == LockAction::kAcquire) acquires[At(i).lock].push_back(i);
    }
    const auto given_up_before = [&](int first, int second) {
      const int release = At(first).partner;
      if (release == kNone) return context_.bool_val(false);
      return There(release) && Place(release) < Place(second);
    };
    for (const auto& [lock, all] : acquires) {
      for (size_t i = 0; i < all.size(); ++i) {
        for (size_t j = i + 1; j < all.size(); ++j) {
          const HistoryEvent& a = At(all[i]);
          const HistoryEvent& b = At(all[j]);
          if (a.task == b.task || (a.shared && b.shared)) continue;
          solver_.add(
              z3::implies(There(all[i]) && There(all[j]),
                          given_up_before(all[i], all[j]) || given_up_before(all[j], all[i])));
        }
      }
    }
  }

  Order Read(const z3::model& model) const {
    std::vector<std::pair<int64_t, int>> placed;
    for (int i = 0; i < Count(); ++i) {
      if (!model.eval(There(i), true).is_true()) continue;
      placed.emplace_back(model.eval(Place(i), true).get_numeral_int64(), i);
    }
    std::sort(placed.begin(), placed.end());
    Order order;
    for (const auto& [place, event] : placed) order.push_back(event);
    return order;
  }

  const History& history_;
  const std::vector<int>& goals_;
  z3::context context_;
  z3::solver solver_;
  std::vector<z3::expr> place_;
  std::vector<z3::expr> there_;
};

}  // namespace

QueryResult AskAnyOrder(const History& history, const std::vector<int>& goals, unsigned budget) {
  if (history.events.size() > kMostQueryEvents) return {};
  try {
    return Query(history, goals, budget).Ask();
  } catch (const z3::exception&) {
    return {};
  }
}

}  // namespace csim
