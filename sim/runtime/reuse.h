// Real processes that have ended in the program's eyes, and become the copies that later forks make.
//
// A fork is dear: the kernel copies page tables, then each page that one of the two writes, and in the end
// takes all of it apart again. Nearly all of that is the same in each execution. So a process that has ended
// waits, and is given at the next fork what may differ: the program's data that was ever written, its heap,
// stack and thread-locals, the runtime's own data, shared mappings and descriptors. The forking process writes
// these down in the shared mapping (memory_image.h), and the copy reads them when it is first chosen.
//
// Only what is known to be the same goes this way. Whoever has other threads, files of the kernel's, mappings
// of its own or more changes in the kernel (kernel_state.h) is forked for real.
#ifndef CSIM_SIM_RUNTIME_REUSE_H_
#define CSIM_SIM_RUNTIME_REUSE_H_

#include <cstddef>
#include <cstdint>

#include "model/ids.h"

namespace csim {

struct RealProcess;

// What a process and its copy have in common before anything is written down.
struct Likeness {
  uint64_t mappings = 0;  // made by the runtime for itself (raw_syscall.h)
  uint32_t slots = 0;     // of the thread pool
  bool operator==(const Likeness&) const = default;
};
Likeness OwnLikeness();

// True if this process has loaded libraries since the program began, or unloaded some: nobody restores or copies their data.
bool HasOtherLibraries();

// True if this process has become nothing that a copy of another one could not be.
bool IsPlain();
// True if a process of the same likeness can become the copy of this one, as far as the running task can tell before
// it writes anything down.
bool CanBeCopied();

// Writes this process down for `real`, where it goes on as `child`, the main task of `process`, with the
// context of its slot in the thread pool. False if there is too much of it.
bool WriteImage(RealProcess& real, TaskId child, ProcessId process);
// Becomes what lies in the image. To be called on the park stack.
void BecomeCopy(RealProcess& own);

// What differs between a forked process and the one that it is a copy of; `slot`: of the task that forked.
void SettleAsCopy(TaskId child, ProcessId process, uint32_t real, uint32_t slot);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_REUSE_H_
