#include "checker/prediction/predict.h"

#include <algorithm>
#include <set>

#include "checker/prediction/candidates.h"
#include "checker/prediction/shorter.h"

namespace csim {
namespace {

class Predictor {
 public:
  Predictor(const Trace& trace, const PredictionLimits& limits)
      : trace_(trace), limits_(limits), history_(MakeHistory(trace, limits.events)) {}

  Predictions Run() {
    for (const Candidate& c : DeadlockCandidates(history_)) Look(PredictedKind::kDeadlock, c);
    for (const Candidate& c : RaceCandidates(history_)) Look(PredictedKind::kRace, c);
    // Guesses come last.
    const auto is_guess = [](const Prediction& p) { return p.by == PredictedBy::kReadsFree; };
    std::vector<Prediction> sorted;
    for (const bool guess : {false, true}) {
      for (Prediction& p : result_.found) {
        if (is_guess(p) == guess) sorted.push_back(std::move(p));
      }
    }
    result_.found = std::move(sorted);
    return std::move(result_);
  }

 private:
  const HistoryEvent& At(int event) const { return history_.events[static_cast<size_t>(event)]; }

  // A candidate of places for which another one has led to a prediction is not looked at.
  void Look(PredictedKind kind, const Candidate& candidate) {
    const std::vector<std::string> places = PlacesOf(candidate);
    if (known_.count(places) != 0) return;
    if (result_.considered == limits_.candidates) {
      ++result_.skipped;
      return;
    }
    ++result_.considered;
    const QueryResult kept = KeepLockOrder(history_, candidate);
    if (kept.end == QueryEnd::kImpossible) return Guess(kind, candidate);
    if (kept.end == QueryEnd::kFound) {
      Add(kind, candidate, PredictedBy::kLockOrderKept, kept.order);
      known_.insert(places);
      return;
    }
    if (queries_ == limits_.queries) {
      ++result_.skipped;
      return;
    }
    ++queries_;
    const QueryResult answer = AskAnyOrder(history_, candidate, limits_.budget);
    if (answer.end == QueryEnd::kImpossible) return Guess(kind, candidate);
    known_.insert(places);
    const bool found = answer.end == QueryEnd::kFound;
    Add(kind, candidate, found ? PredictedBy::kAnyOrder : PredictedBy::kNothing, answer.order);
  }

  // No order has the same reads; but maybe nothing depends on what some of them find.
  void Guess(PredictedKind kind, const Candidate& candidate) {
    ++result_.impossible;
    if (guesses_ == limits_.guesses) return;
    const QueryResult free = KeepLockOrder(history_, candidate, Reads::kAnything);
    if (free.end != QueryEnd::kFound) return;
    ++guesses_;
    Add(kind, candidate, PredictedBy::kReadsFree, free.order);
  }

  Side SideOf(int event) const {
    const HistoryEvent& e = At(event);
    Side side;
    side.task = e.task;
    if (e.access != kNone) {
      const TraceAccess& a = history_.accesses[static_cast<size_t>(event)];
      side.access = std::string(a.is_atomic ? "atomic " : "") + (a.is_write ? "write" : "read");
      side.size = static_cast<uint32_t>(__builtin_popcount(a.mask));
      side.place = trace_.access_places[a.place];
      side.stack = trace_.access_contexts[a.context].stack;
      side.locks = trace_.access_contexts[a.context].locks;
    } else {
      const TraceEvent& operation = trace_.events[static_cast<size_t>(e.operation)];
      side.access = "lock";
      side.place = operation.place;
      side.stack = operation.stack;
      for (const HeldAt& h : history_.held[static_cast<size_t>(event)]) {
        const int taken = At(h.acquire).operation;
        side.locks.push_back({h.lock, h.shared, trace_.events[static_cast<size_t>(taken)].place});
      }
    }
    return side;
  }

  // The same for candidates that a reader of reports would take for the same.
  std::vector<std::string> PlacesOf(const Candidate& candidate) const {
    std::vector<std::string> places;
    for (const int event : candidate) {
      const Side side = SideOf(event);
      places.push_back(side.place.file + ":" + std::to_string(side.place.line) + ":" +
                       std::to_string(side.place.column) + side.access);
    }
    std::sort(places.begin(), places.end());
    return places;
  }

  void Add(PredictedKind kind, const Candidate& candidate, PredictedBy by, const Order& order) {
    Prediction p;
    p.kind = kind;
    p.by = by;
    for (const int event : candidate) {
      p.sides.push_back(SideOf(event));
      p.objects.push_back(At(event).lock);
    }
    if (by != PredictedBy::kNothing) {
      Order all = order;  // accesses that are operations have to be chosen
      if (kind == PredictedKind::kRace) all.insert(all.end(), candidate.begin(), candidate.end());
      p.schedule = ScheduleOf(trace_, history_, all);
    }
    result_.found.push_back(std::move(p));
  }

  const Trace& trace_;
  PredictionLimits limits_;
  History history_;
  Predictions result_;
  uint64_t queries_ = 0;
  uint64_t guesses_ = 0;
  std::set<std::vector<std::string>> known_;
};

}  // namespace

Predictions Predict(const Trace& trace, const PredictionLimits& limits) {
  return Predictor(trace, limits).Run();
}

}  // namespace csim
