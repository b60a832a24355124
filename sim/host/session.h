// One run of a program under csim: makes the shared mapping, starts the program, lets it explore one
// part of the search after the other, and keeps what it left. Whatever the program does, its processes
// end with the session, and nothing of it stays behind: the mapping is an anonymous memory file.
#ifndef CSIM_SIM_HOST_SESSION_H_
#define CSIM_SIM_HOST_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/host/doorbell.h"
#include "sim/host/result.h"
#include "sim/mapping/mapping.h"

namespace csim {

struct SessionOptions {
  std::string program;                 // path of the executable
  std::vector<std::string> arguments;  // without argv[0]
  std::string argument0;               // what the program sees as its name
  std::string stdin_file;              // empty: /dev/null
  Config config{};
  std::vector<ScheduleRun> schedule;  // for replay
  int cpu = -1;                       // to be pinned to; -1: any
};

// A part of the search, as a session is told of it.
struct SessionPart {
  std::string strategy;
  std::string state;  // empty: from the start
  uint64_t executions = 0;
  std::vector<LocationKey> racy;
  uint64_t lost_at = kNowhere;  // PartOrder::lost_at
};

class Session {
 public:
  enum class Status {
    kIdle,    // no part, or the part is done
    kBusy,    // explores the part
    kDied,    // killed from outside, or it wrote over csim's memory: another session may do better
    kFailed,  // failure() says why
  };

  // Starts the program. `bell` rings when it has something to say, and must outlive the session. Errors:
  // no memory, not executable, stdin file not readable.
  static Result<std::unique_ptr<Session>> Start(const SessionOptions& options,
                                                const Doorbell& bell);
  // Ends the program if it still runs.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // REQUIRES: Look() said kIdle, or was never called.
  void Explore(const SessionPart& part);
  // How things are; does not wait.
  Status Look();
  // Asks for the end of the part after the running execution.
  void AskToStop();
  // Asks for a copy of what the part has brought so far. Nothing happens while one is on its way.
  void AskToKeep();
  // True once for each copy that is there: mapping().control.kept, until AskToKeep is called again.
  bool TakeKept();
  bool AwaitsCopy() const { return keeps_wanted_ != keeps_taken_; }
  // Ends the program by force.
  void Kill();

  // What the program left; records must be checked against the bounds by the reader.
  const Mapping& mapping() const { return *mapping_; }
  // Why the program died or failed.
  const std::string& failure() const { return failure_; }
  // True if the program wrote over csim's memory: nothing that it left can be believed.
  bool damaged() const { return damaged_; }

  // A piece of the mapping's arena; null if it does not lie within.
  const void* At(uint64_t offset, uint64_t size) const;
  // The schedule that lies there, empty if it is damaged.
  std::vector<ScheduleRun> ScheduleAt(uint64_t offset, uint32_t runs) const;
  std::vector<LocationKey> Racy(uint32_t count) const;

 private:
  void Dismiss();
  Session() = default;
  bool MakeMapping(const SessionOptions& options);
  void PutSchedule(const SessionOptions& options);
  bool Launch(const SessionOptions& options, const Doorbell& bell, std::string* error);
  void NoteEnd(int status);
  // Looks at what nobody may change once the program runs; notes the damage.
  bool FindDamage();

  Mapping* mapping_ = nullptr;
  Config config_{};   // as given to the program
  PartOrder part_{};  // likewise
  uint32_t part_number_ = 0;
  uint32_t keeps_wanted_ = 0;
  uint32_t keeps_taken_ = 0;
  int mapping_fd_ = -1;
  int pid_ = -1;
  bool damaged_ = false;
  Status ended_ = Status::kBusy;  // kDied or kFailed once the program has ended
  std::string failure_;
};

}  // namespace csim

#endif  // CSIM_SIM_HOST_SESSION_H_
