// What the exploration of a part, or of several, has brought: plain values, independent of the session
// that it came from. Reports of parts are put together in the order of the parts, so that the sum does not
// depend on who was ready first.
#ifndef CSIM_SIM_HOST_REPORT_H_
#define CSIM_SIM_HOST_REPORT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/outcome.h"
#include "model/trace/trace.h"
#include "sim/host/program_file.h"
#include "sim/host/session.h"
#include "sim/mapping/mapping.h"

namespace csim {

// How to run an execution again.
struct Recipe {
  std::vector<ScheduleRun> schedule;
  uint32_t racy_count = 0;  // of the search's racy locations, so many were scheduling points
};

struct SeenFinding {
  bool is_limit = false;    // a named limit, no bug
  bool is_measure = false;  // a largest value, no bug
  uint64_t measure = 0;
  uint64_t signature = 0;
  uint64_t execution = 0;  // number of the first that had it, from 1
  uint64_t times = 0;
  Finding finding;
  Recipe recipe;
};

struct SeenOutcome {
  uint64_t hash = 0;
  int exit_code = 0;
  Outcome outcome = Outcome::kCompleted;
  uint64_t executions = 0;
  uint64_t first_execution = 0;
  std::string output;
  Recipe recipe;
};

class Report {
 public:
  // Adds what was explored after this, whose executions have numbers from `before` + 1 on. Bugs and
  // outcomes that are known are counted, the first ones stay.
  void Append(const Report& later, uint64_t before);
  // Forgets the counts and outcomes (they were of another search), keeps the findings.
  void ForgetCounts();

  PartCounts counts{};
  std::vector<SeenFinding> findings;
  std::vector<SeenOutcome> outcomes;

  // As bytes, and back; false if they are damaged.
  std::string Save() const;
  bool Load(std::string_view bytes);

 private:
  void Add(const SeenFinding& finding, uint64_t before);
  void Add(const SeenOutcome& outcome, uint64_t before);

  std::unordered_map<uint64_t, size_t> finding_of_;  // by signature
  std::unordered_map<uint64_t, size_t> outcome_of_;  // by hash
};

// What a part has brought: when it is done or kept (`kept` is Control::kept then), or after a session's
// death (LiveOf).
Report ReadReport(const Session& session, const ProgramFile& program, const KeptPart& kept);
KeptPart LiveOf(const Mapping& mapping);
// The strategy's state that was kept; empty if there is none.
std::string ReadState(const Session& session, const KeptPart& kept);

}  // namespace csim

#endif  // CSIM_SIM_HOST_REPORT_H_
