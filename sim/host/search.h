// A whole exploration: rounds of parts from a frontier, explored by as many sessions as there are jobs.
//
// What comes out does not depend on the number of jobs, nor on who is ready first:
// - parts are handed out in their order, and their reports are put together in their order;
// - a part ends at its first bug (unless all are wanted); the parts before it go on to their end, and
//   the first bug in their order is the answer;
// - a part ends when a location turns out to be racy; the round goes on to its end, then all know
//   the locations, in order of the parts, and the search begins anew;
// - a budget of executions is spent in order of the parts; a part that ran ahead of it is run again
//   within what is left.
//
// Sessions that die are replaced: about twice a second every part is kept as it is, and goes on from
// there. An execution in which the process dies twice is given up as lost, at the third time the search
// has failed.
#ifndef CSIM_SIM_HOST_SEARCH_H_
#define CSIM_SIM_HOST_SEARCH_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/factory.h"
#include "sim/host/report.h"
#include "sim/host/search_store.h"
#include "sim/host/session.h"

namespace csim {

struct SearchOptions {
  SessionOptions session;  // its cpu is chosen by the search
  std::string strategy = "dfs";
  std::optional<uint32_t> preemptions;
  uint64_t executions = 0;  // 0: as many as the strategy wants
  double time_limit = 0;    // seconds; 0: none
  uint32_t jobs = 1;
  std::vector<LocationKey> racy;  // plain accesses there are scheduling points from the start
};

// At any time.
struct SearchProgress {
  uint64_t executions = 0;
  uint64_t findings = 0;
  uint64_t depth = 0;          // operations of an execution, on average
  double earlier_seconds = 0;  // that the search had taken before it was resumed
  std::optional<TotalEstimate> estimate;
};

struct SearchResult {
  Report total;
  std::vector<LocationKey> racy;  // in the order in which they were found
  bool complete = false;
  bool bounded = false;
  bool interrupted = false;
  bool timed_out = false;
  bool resumable = false;      // the store has all that is needed to go on
  bool damaged = false;        // the program wrote over csim's memory
  std::string failure;         // why the search could not go on
  double earlier_seconds = 0;  // that the search had taken before it was resumed
};

class Search {
 public:
  // Where to keep the search; null: nowhere. `warn` is told why if that fails; the search goes on then.
  Search(const SearchOptions& options, const ProgramFile& program, SearchStore* store,
         std::function<void(const std::string&)> warn);
  ~Search();

  // Takes up the search that the store has. False: it is damaged.
  bool Resume();
  // Explores until all is done, a limit is reached, or `stop` says so. `tick` is called now and then.
  // Errors are those of the user's input: the program cannot be started.
  Result<SearchResult> Run(const std::function<void(const SearchProgress&)>& tick,
                           const std::function<bool()>& stop);

  // While Run calls `tick` or `stop`: whether an execution was cut by max_steps, or one that is running has done more than `many_steps`, so that it
  // may come to that; and the locations known to be racy.
  bool SeesNoEnd(uint64_t many_steps) const;
  const std::vector<LocationKey>& racy() const { return result_.racy; }

 private:
  using Clock = std::chrono::steady_clock;

  struct PartWork {
    Part part;
    Report report;      // of the part as it is kept, or all of it
    std::string state;  // to go on from there
    bool done = false;
    PartEnd end = PartEnd::kStopped;
    bool finished = false;
    bool complete = false;
    bool bounded = false;
    std::vector<LocationKey> racy;  // new ones
    // Not kept in the store.
    bool taken = false;           // by a worker
    Report before;                // what was known when the worker took it
    uint64_t died_at = kNowhere;  // execution in which the process died
    uint32_t deaths = 0;
    bool was_damaged = false;  // since it was kept
    bool unsaved = false;      // changed since the store was written
  };

  struct Worker {
    std::unique_ptr<Session> session;
    PartWork* work = nullptr;
  };

  // ---- Rounds (search.cc) ----
  bool NextRound();
  void BeginRound(std::vector<Part> parts);
  bool RunRound(const std::function<void(const SearchProgress&)>& tick,
                const std::function<bool()>& stop);
  void CloseRound();
  void RestartWith(const std::vector<LocationKey>& racy);
  void AppendParts(size_t count);
  void HandOut();
  uint64_t Budget() const;
  uint64_t LimitOf(size_t index) const;
  void Settle();
  void Reset(PartWork& work);
  bool EndsSearch(PartEnd end) const;
  SearchProgress Progress() const;
  double Seconds() const;

  // ---- Workers (search_workers.cc) ----
  Worker* IdleWorker();
  bool StartSession(Worker& worker);
  void Assign(Worker& worker, PartWork& work, uint64_t limit);
  void LookAfter(Worker& worker);
  void TakeDone(Worker& worker);
  void TakeKept(Worker& worker);
  void AfterDeath(Worker& worker);
  void AskAllToKeep();
  bool AwaitsCopies() const;  // whether some of them are not there yet
  void StopAll();
  static void Leave(Worker& worker);

  // ---- The store (search_state.cc) ----
  bool HasProgress() const;
  void Save();
  std::string SaveRound() const;
  bool LoadRound(std::string_view bytes);
  static std::string SavePart(const PartWork& work);
  static bool LoadPart(std::string_view bytes, PartWork* work);

  SearchOptions options_;
  const ProgramFile& program_;
  SearchStore* store_;
  std::function<void(const std::string&)> warn_;
  Doorbell bell_;
  std::unique_ptr<Frontier> frontier_;
  std::vector<Worker> workers_;
  std::vector<int> cpus_;  // of the workers

  SearchResult result_;
  std::string start_error_;  // the program cannot be started
  uint64_t discarded_ = 0;   // executions of searches that were begun anew
  std::string round_state_;  // of the frontier, when the round began
  std::vector<PartWork> parts_;
  size_t next_ = 0;     // the parts before it are taken or done
  size_t stop_at_ = 0;  // the parts from here on are not wanted any more
  size_t settled_ = 0;  // so many parts are done, in order, within the budget
  uint64_t used_ = 0;   // executions of these
  bool over_ = false;   // the search ends with the last settled part
  bool round_unsaved_ = false;
  bool copies_wanted_ = false;  // to be saved when they are there
  bool saved_ = false;          // the store has what is known

  Clock::time_point start_;
  Clock::time_point next_keep_;
  Clock::time_point next_tick_;
};

}  // namespace csim

#endif  // CSIM_SIM_HOST_SEARCH_H_
