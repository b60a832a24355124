// Who has which end of a channel, for reports of deadlocks.
#ifndef CSIM_SIM_RUNTIME_DESCRIPTORS_HOLDERS_H_
#define CSIM_SIM_RUNTIME_DESCRIPTORS_HOLDERS_H_

#include <cstddef>

#include "checker/deadlock.h"

namespace csim {

// Whose descriptors lead to an end of the channel: "P0 (fd 4, fd 5), P1 (fd 4)".
void NameHolders(ObjectId channel, bool writing_end, char* text, size_t size);

class DescriptorUsers final : public ChannelUsers {
 public:
  TaskId OnlyOther(ObjectId channel, bool writing_end, TaskId waiter) const override;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_DESCRIPTORS_HOLDERS_H_
