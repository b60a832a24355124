// What a program changes of its process in the kernel, beyond descriptors and mappings.
//
// The working directory and the file mode mask are put back after an execution, in the worker priorities and cores
// too. After anything else (limits, protection of pages, ...) the process is not used again.
#ifndef CSIM_SIM_RUNTIME_KERNEL_STATE_H_
#define CSIM_SIM_RUNTIME_KERNEL_STATE_H_

#include <sys/types.h>

#include <cstdint>

namespace csim {

class KernelState {
 public:
  // Once per worker: the present state is what executions begin with.
  void Remember();
  void NoteDirectory() { directory_changed_ = true; }
  void NoteMask() { mask_changed_ = true; }
  // Priority, policy or cores of a thread.
  void NoteScheduling();
  // What cannot be put back.
  void NoteOther();
  // The program makes this system call itself.
  void NoteCall(long number);
  // Nothing is changed at present.
  bool plain() const {
    return !directory_changed_ && !mask_changed_ && !scheduling_changed_ && !other_changed_;
  }
  bool restorable() const { return !other_changed_; }
  // False if something could not be put back: the process must not be used again.
  bool Restore();
  // The descriptor of the directory; -1 if there is none.
  int directory() const { return directory_; }

 private:
  bool RestoreScheduling(int tid) const;

  int directory_ = -1;
  mode_t mask_ = 0;
  bool directory_changed_ = false;
  bool mask_changed_ = false;
  bool scheduling_changed_ = false;
  bool other_changed_ = false;
  uint64_t scheduling_[6] = {};  // the kernel's struct sched_attr
  uint64_t cores_[16] = {};
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_KERNEL_STATE_H_
