// One run of a program under csim: makes the shared mapping, starts the program, watches it, and keeps
// what it left. Whatever the program does, its processes end with the session, and nothing of it stays
// behind: the mapping is an anonymous memory file.
#ifndef CSIM_SIM_HOST_SESSION_H_
#define CSIM_SIM_HOST_SESSION_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

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
  std::vector<LocationKey> racy;
  double time_limit = 0;  // seconds; 0: none
  int cpu = -1;           // to be pinned to; -1: any
};

class Session {
 public:
  // Starts the program. Errors: no memory, not executable, stdin file not readable.
  static Result<std::unique_ptr<Session>> Start(const SessionOptions& options);
  // Ends the program if it still runs.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Waits until the program has ended. `tick` is called about every `period`; `stop` (may be null) is
  // looked at: once true, the exploration is asked to stop, and ended by force a second later.
  void Wait(std::chrono::milliseconds period, const std::function<void()>& tick,
            const std::function<bool()>& stop);

  // What the program left; records must be checked against the bounds by the reader.
  const Mapping& mapping() const { return *mapping_; }
  // Empty if the program ended as it should; else why not.
  const std::string& failure() const { return failure_; }
  // True if the program wrote over csim's memory: nothing that it left can be believed.
  bool damaged() const { return damaged_; }
  bool timed_out() const { return timed_out_; }
  bool interrupted() const { return interrupted_; }

  // A piece of the mapping's arena; null if it does not lie within.
  const void* At(uint64_t offset, uint64_t size) const;
  // The schedule that lies there, empty if it is damaged.
  std::vector<ScheduleRun> ScheduleAt(uint64_t offset, uint32_t runs) const;
  std::vector<LocationKey> Racy(uint32_t count) const;

 private:
  Session() = default;
  bool MakeMapping(const SessionOptions& options);
  void PutInputs(const SessionOptions& options);
  bool Launch(const SessionOptions& options, std::string* error);
  void Kill();
  void NoteEnd(int status);
  // Looks at what nobody may change once the program runs; notes the damage.
  bool FindDamage();

  Mapping* mapping_ = nullptr;
  Config config_{};  // as given to the program
  int mapping_fd_ = -1;
  int pid_ = -1;
  double time_limit_ = 0;
  bool timed_out_ = false;
  bool interrupted_ = false;
  bool damaged_ = false;
  std::string failure_;
};

}  // namespace csim

#endif  // CSIM_SIM_HOST_SESSION_H_
