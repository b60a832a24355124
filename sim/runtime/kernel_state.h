// What a program changes of its process in the kernel, beyond descriptors and mappings.
//
// The working directory and the file mode mask are put back after an execution. After anything else (limits,
// priorities, protection of pages, ...) the process is not used again.
#ifndef CSIM_SIM_RUNTIME_KERNEL_STATE_H_
#define CSIM_SIM_RUNTIME_KERNEL_STATE_H_

#include <sys/types.h>

namespace csim {

class KernelState {
 public:
  // Once per worker: the present state is what executions begin with.
  void Remember();
  void NoteDirectory() { directory_changed_ = true; }
  void NoteMask() { mask_changed_ = true; }
  // What cannot be put back.
  void NoteOther();
  // The program makes this system call itself.
  void NoteCall(long number);
  // Nothing is changed at present.
  bool plain() const { return !directory_changed_ && !mask_changed_ && !other_changed_; }
  bool restorable() const { return !other_changed_; }
  void Restore();
  // The descriptor of the directory; -1 if there is none.
  int directory() const { return directory_; }

 private:
  int directory_ = -1;
  mode_t mask_ = 0;
  bool directory_changed_ = false;
  bool mask_changed_ = false;
  bool other_changed_ = false;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_KERNEL_STATE_H_
