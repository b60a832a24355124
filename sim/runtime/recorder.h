// Writes down a recorded execution (Config::record): events, states of all tasks, notes, and at the
// end the tasks and objects. Does nothing in other executions.
#ifndef CSIM_SIM_RUNTIME_RECORDER_H_
#define CSIM_SIM_RUNTIME_RECORDER_H_

#include <cstdint>

#include "model/machine.h"
#include "sim/mapping/mapping.h"

namespace csim {

class Recorder {
 public:
  bool on() const { return on_; }
  void Begin(bool on) { on_ = on; }
  // The operation that `task` has just performed.
  void Event(TaskId task, const Operation& operation, uint32_t alternative, const OpResult& result);
  // What the last event read or wrote; known only after the access.
  void Value(uint64_t value);
  // An access to `mask` of a granule, as the race detector is told of it.
  void Memory(uint64_t granule, uint8_t mask, bool is_write, bool is_atomic, SiteId site,
              StackId stack) {
    if (on_) AddMemory(granule, mask, is_write, is_atomic, site, stack);
  }
  void Note(const char* text);
  // Tasks and objects; when the execution has ended.
  void End();

 private:
  void States(uint32_t event);
  static void AddMemory(uint64_t granule, uint8_t mask, bool is_write, bool is_atomic, SiteId site,
                        StackId stack);
  bool on_ = false;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_RECORDER_H_
